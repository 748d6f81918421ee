"""Scores by the challenger what was answered, off the answer's path."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

import numpy as np

from features.moment import HOUR
from features.records import LeadRecord, assemble
from models.agreement.lines import tie_rank
from models.agreement.qualify import apply
from service.challenger import Challenger
from service.errors import StoreError
from service.holder import ModelHolder, Served
from service.settings import Settings
from service.sink import Decision
from service.store.shadows import Shadowed, add_shadows
from service.store.store import Store

logger = logging.getLogger("lead_scoring")
MOST_WAITING = 4_000
MOST_AT_ONCE = 64
GATHER_SECONDS = 0.25
"""How long decisions wait for others: a group costs a fraction of its leads one by one."""


class Shadow:
    """Takes decisions that were answered, and keeps what the challenger makes of them.

    A thread works groups off. What does not fit into the queue is dropped and counted: an answer
    never waits for it, and never fails by it.

    Parameters
    ----------
    store : Store
        Keeps the comparison, a group in one transaction.
    holder : ModelHolder
        The champion, whose cost is measured beside.
    timer : callable
        Seconds of computing that this thread has had.
    """

    def __init__(
        self,
        store: Store,
        holder: ModelHolder,
        *,
        timer: Callable[[], float] = time.thread_time,
        gather_seconds: float = GATHER_SECONDS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.challenger = Challenger()
        self.compared = 0
        self.dropped = 0
        self._store = store
        self._holder = holder
        self._timer = timer
        self._gather_seconds = gather_seconds
        self._most_waiting = most_waiting
        self._challenger_first = False
        self._waiting: deque[Decision] = deque()
        self._lock = Lock()
        self._untold: dict[tuple[str, int], int] = {}
        self._wake, self._end, self._idle = Event(), Event(), Event()
        self._idle.set()
        self._thread: Thread | None = None

    @property
    def waiting(self) -> int:
        """How many decisions wait to be scored by the challenger."""
        return len(self._waiting)

    def refresh(self, settings: Settings) -> None:
        """Take up another challenger, or none."""
        self.challenger.refresh(settings, self._holder)

    def offer(self, decisions: Sequence[Decision]) -> None:
        """Take decisions that were kept, as far as there is room; never wait."""
        challenger = self.challenger.served
        if challenger is None or self._end.is_set():
            return
        with self._lock:
            room = max(self._most_waiting - len(self._waiting), 0)
            self._waiting.extend(decisions[:room])
            self._drop(challenger.model_version, decisions[room:])
            if self._idle.is_set():
                self._idle.clear()
                self._begin()

    def settle(self, seconds: float = 60.0) -> bool:
        """Wait until nothing waits any more; return whether it came to that."""
        return self._idle.wait(seconds)

    def close(self) -> None:
        """Work off what waits, and end."""
        self._end.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._work, name="shadow", daemon=True)
            self._thread.start()
        self._wake.set()

    def _work(self) -> None:
        while True:
            self._wake.wait()
            if len(self._waiting) < MOST_AT_ONCE:
                self._end.wait(self._gather_seconds)
            group = self._take()
            if group:
                self._compare(group)
            elif self._end.is_set():
                return

    def _take(self) -> list[Decision]:
        with self._lock:
            n = min(len(self._waiting), MOST_AT_ONCE)
            group = [self._waiting.popleft() for _ in range(n)]
            if not group:
                self._idle.set()
                if not self._end.is_set():
                    self._wake.clear()
            return group

    def _drop(self, version: str, decisions: Sequence[Decision]) -> None:
        """Count what is not compared, by version and hour; the lock is held."""
        self.dropped += len(decisions)
        for decision in decisions:
            place = (version, decision.decided_at // HOUR * HOUR)
            self._untold[place] = self._untold.get(place, 0) + 1

    def _compare(self, group: list[Decision]) -> None:
        served = self.challenger.served
        if served is None:
            return
        with self._lock:
            untold, self._untold = self._untold, {}
        try:
            rows = compared(served, group)
            rows[0] = self._timed(rows[0], served, group[0].record)
            kept = self._store.changing(lambda c: add_shadows(c, rows, untold))
        except StoreError as error:
            self._failed(served, group, untold, str(error))
        except Exception as error:  # the one thread that compares must outlive any fault
            self._failed(served, group, untold, type(error).__name__)
        else:
            self.compared += kept

    def _failed(
        self,
        served: Served,
        group: list[Decision],
        untold: dict[tuple[str, int], int],
        why: str,
    ) -> None:
        logger.warning("%d decisions are not compared: %s", len(group), why)
        with self._lock:
            if self._end.is_set():  # no time to try the others as well
                group = [*group, *self._waiting]
                self._waiting.clear()
            for place, count in untold.items():
                self._untold[place] = self._untold.get(place, 0) + count
            self._drop(served.model_version, group)

    def _timed(self, row: Shadowed, served: Served, record: LeadRecord) -> Shadowed:
        """Return a row with what its lead alone costs each model, explained as in an answer.

        The thread's computing time, not the time that passes: what else the process does meanwhile
        would be counted to the models. Which of them goes first changes, since the second finds
        the processor's caches warm.
        """
        champion = self._holder.served
        if champion.model_version != row.champion_version:
            return row
        sides = {"champion_us": champion, "challenger_us": served}
        self._challenger_first = not self._challenger_first
        names = sorted(sides, reverse=not self._challenger_first)
        spent: dict[str, int] = {}
        for name in names:
            began = self._timer()
            sides[name].scorer.score(*assemble([record]))
            spent[name] = round((self._timer() - began) * 1e6)
        return row._replace(champion_us=spent["champion_us"], challenger_us=spent["challenger_us"])


def compared(served: Served, group: Sequence[Decision]) -> list[Shadowed]:
    """Return what the challenger makes of decisions, beside what was answered."""
    records = [decision.record for decision in group]
    leads, activities = assemble(records)
    scored = served.scorer.score(leads, activities, explain=False)
    rules = served.agreed.rules
    labels = apply(
        rules,
        leads,
        activities,
        scored.probability,
        now=max(decision.decided_at for decision in group),
        previous=[decision.previous_label for decision in group],
        handed_over_at=np.array([one.handed_over_at for one in group], dtype=np.int64),
        rank=tie_rank([record.lead_id for record in records]) if rules.has_ties else None,
    ).labels
    return [
        Shadowed(
            decision_id=decision.answer["decision_id"],
            lead_id=decision.record.lead_id,
            episode=decision.record.episode,
            as_of=decision.record.as_of,
            decided_at=decision.decided_at,
            champion_version=decision.answer["model_version"],
            challenger_version=served.model_version,
            champion_probability=decision.answer["probability"],
            champion_score=decision.answer["score"],
            champion_label=decision.answer["label"],
            challenger_probability=float(scored.probability[row]),
            challenger_score=int(scored.score[row]),
            challenger_label=labels[row],
        )
        for row, decision in enumerate(group)
    ]
