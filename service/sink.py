"""Where decisions go once they are made."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from features.records import LeadRecord
from features.space import FeatureSpace
from service.context import RequestContext


class Decision(NamedTuple):
    """One scored lead: what was asked, by whom, and what was answered.

    Parameters
    ----------
    record : LeadRecord
        Together with what was stored.
    sent : LeadRecord
        As it was sent.
    new : sequence or None
        Activities that are not stored yet, as they are kept; None: all.
    answer : dict
        With its `decision_id`.
    context : RequestContext
    space : FeatureSpace or None
        Knows the stored form of the lead's values; None where no model decided.
    decided_at : int
        UTC microseconds.
    previous_label, handed_over_at
        What was decided of the lead before.
    account_id, contact_id, owner : str, optional
        Company, person, and who works the lead.
    text : bytes
        The answer as it is kept, as JSON; empty until it has an id.
    """

    record: LeadRecord
    sent: LeadRecord
    new: Sequence[tuple[str, int, int, int]] | None
    answer: dict[str, Any]
    context: RequestContext
    space: FeatureSpace | None
    decided_at: int
    previous_label: str | None
    handed_over_at: int
    account_id: str | None
    contact_id: str | None
    owner: str | None = None
    text: bytes = b""


class Pending(NamedTuple):
    """The decisions of one request, and who waits for them.

    Parameters
    ----------
    decisions : sequence of Decision
        One at least; they are kept together or not at all.
    done : Future
        Of the event loop that runs; gets its result once they are kept, as durably as the sink
        says, or a `StoreError` when they could not be.
    """

    decisions: Sequence[Decision]
    done: "asyncio.Future[None]"


class DecisionSink(Protocol):
    """Takes decisions."""

    keeps: bool
    """Whether decisions can be found again."""

    @property
    def durable(self) -> bool:
        """Whether decisions are durable once it is said that they are done."""

    @property
    def waiting(self) -> int:
        """How many requests' decisions wait to be written."""

    def give(self, pending: Sequence[Pending]) -> None:
        """Take the decisions of some requests of one event loop, of one at least."""


class NullSink:
    """Keeps nothing."""

    keeps = False
    durable = False
    waiting = 0

    def give(self, pending: Sequence[Pending]) -> None:
        """Forget the decisions."""
        for one in pending:
            one.done.set_result(None)
