"""Where decisions go once they are made."""

from typing import Any, NamedTuple, Protocol

from features.records import LeadRecord
from service.context import RequestContext


class Decision(NamedTuple):
    """One scored lead: what was asked, by whom, and what was answered."""

    record: LeadRecord
    answer: dict[str, Any]
    context: RequestContext


class DecisionSink(Protocol):
    """Takes decisions."""

    def put(self, decisions: list[Decision]) -> None:
        """Take the decisions of one request."""


class NullSink:
    """Keeps nothing."""

    def put(self, decisions: list[Decision]) -> None:
        """Forget the decisions."""
