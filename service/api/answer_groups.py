"""Leads of several requests are answered together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool

from features.errors import SchemaError
from service.api.asked import asked_of, known_leads, wanted
from service.api.deciding import answer_asked
from service.api.keep import decided, name, not_kept, text_of, were_kept
from service.api.read import record_of
from service.api.schemas import ScoreRequest
from service.context import RequestContext
from service.errors import NotReadyError, NotStorableError, StoreError
from service.parts import Parts
from service.sink import Decision, Pending
from service.store.known import KnownLead, Wanted

MOST_AT_ONCE = 16
"""Leads that are answered before other requests have their turn."""
Known: TypeAlias = Mapping[Wanted, KnownLead]


@dataclass(slots=True)
class Waiting:
    """One lead, and who waits for its answer.

    Parameters
    ----------
    done : Future
        Gets its result once the decision is kept, where it is to be.
    decision : Decision, optional
        What was decided.
    kept : list of Decision
        The decision, where it is to be kept.
    """

    lead: ScoreRequest
    context: RequestContext
    strict: bool
    done: "asyncio.Future[None]"
    decision: Decision | None = None
    kept: list[Decision] = field(default_factory=list)


class AnswerGroups:
    """Answers the leads of all requests of one turn of the event loop together.

    Thirty leads are scored in ten times the time of one, and one query finds what is stored of
    them. Where a query goes through a thread, leads that come meanwhile wait for the next one.

    Parameters
    ----------
    parts : Parts
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn: Turn | None = None

    async def answer(
        self, lead: ScoreRequest, context: RequestContext, *, strict: bool = False
    ) -> bytes:
        """Return the answer about a lead as JSON, once what was decided is kept.

        Raises
        ------
        NotReadyError
            When no model is loaded.
        StoreError
            When the store does not do its work, and the settings do not let leads be answered all
            the same.
        SchemaError
            When a strict caller asks about a lead that is not understood as a whole.
        """
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn.loop is not loop:
            self._turn = Turn(self._parts, loop)
        waiting = Waiting(lead, context, strict, loop.create_future())
        self._turn.add(waiting)
        try:
            await waiting.done
        except StoreError as error:
            if not waiting.kept:
                raise
            not_kept(self._parts, waiting.kept, error)
        else:
            were_kept(self._parts, waiting.kept)
        assert waiting.decision is not None, "it is done"
        return text_of(waiting.decision)


class Turn:
    """The leads of one event loop that wait for their answers.

    Parameters
    ----------
    parts : Parts
    loop : asyncio.AbstractEventLoop
    """

    def __init__(self, parts: Parts, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._parts = parts
        self._open: list[Waiting] = []
        self._alone: list[Waiting] = []
        self._reading: asyncio.Task[None] | None = None

    def add(self, waiting: Waiting) -> None:
        """Take up a lead, to be answered with the others of this turn."""
        if not self._open:
            self.loop.call_soon(self._answer_open)
        self._open.append(waiting)

    def _answer_open(self) -> None:
        store = self._parts.store
        if store is None or store.reads_at_once:
            if group := self._next():
                self._answer(group, self._known(group))
            if self._open or self._alone:
                self.loop.call_soon(self._answer_open)
        elif self._reading is None:
            self._reading = self.loop.create_task(self._read_and_answer())

    async def _read_and_answer(self) -> None:
        try:
            while group := self._next():
                self._answer(group, await run_in_threadpool(self._known, group))
        finally:
            self._reading = None

    def _next(self) -> list[Waiting]:
        """Return those that are answered next: one that took others with it comes alone."""
        if self._alone:
            return [self._alone.pop()]
        group, self._open = self._open[:MOST_AT_ONCE], self._open[MOST_AT_ONCE:]
        return group

    def _known(self, group: Sequence[Waiting]) -> Known | Exception:
        """Return what is stored of leads, or why that cannot be told."""
        try:
            return known_leads(self._parts, [waiting.lead for waiting in group])
        except Exception as error:  # it belongs to those who wait, not to this turn
            return error

    def _answer(self, group: list[Waiting], known: Known | Exception) -> None:
        """Let those who wait have their answers, or what kept them from these."""
        try:
            if isinstance(known, Exception):
                raise known
            answers = self._decide(group, known)
        except Exception as error:  # as above
            if len(group) > 1 and not concerns_all(error):
                self._alone += group
                return
            answers = [error] * len(group)
        kept = [
            waiting
            for waiting, answer in zip(group, answers, strict=True)
            if self._keeps(waiting, answer)
        ]
        if not kept:
            return
        try:
            self._parts.sink.give([Pending(waiting.kept, waiting.done) for waiting in kept])
        except Exception as error:  # as above
            for waiting in kept:
                waiting.done.set_exception(error)

    def _keeps(self, waiting: Waiting, answer: Decision | Exception) -> bool:
        """Take up an answer; return whether it is to be kept before its caller gets it."""
        if waiting.done.done():
            return False
        if isinstance(answer, Exception):
            waiting.done.set_exception(answer)
            return False
        try:
            waiting.kept = [] if waiting.lead.dry_run else name(self._parts, [answer])
        except Exception as error:  # as above
            waiting.done.set_exception(error)
            return False
        waiting.decision = waiting.kept[0] if waiting.kept else answer
        if not waiting.kept:
            waiting.done.set_result(None)
        return bool(waiting.kept)

    def _decide(self, group: Sequence[Waiting], known: Known) -> "list[Decision | Exception]":
        parts, now = self._parts, self._parts.clock()
        served = parts.holder.answering
        asked = [
            asked_of(
                one.lead, record_of(one.lead, now), known.get(wanted(one.lead)), served.agreement
            )
            for one in group
        ]
        languages = [waiting.context.language for waiting in group]
        answered = answer_asked(parts, served, asked, languages, now)
        return [
            SchemaError(answer.refusal)
            if waiting.strict and answer.refusal is not None
            else decided(served, one, answer.body, waiting.context, now)
            for waiting, one, answer in zip(group, asked, answered, strict=True)
        ]


def concerns_all(error: Exception) -> bool:
    """Return whether an error would meet every lead, not just the one that it came from."""
    alone = isinstance(error, NotStorableError)
    return isinstance(error, NotReadyError | StoreError) and not alone
