"""What the service asks of its store."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection

from service.exploration import Arm
from service.store.activities import NewActivity
from service.store.known import KnownLead, Wanted

Found = TypeVar("Found")


class Written(NamedTuple):
    """One decision, ready to be kept: stored forms only, moments in UTC microseconds.

    Parameters
    ----------
    attributes : mapping of str to str
        Stored form of each attribute that was sent, as JSON.
    activities : sequence of (kind, occurred_at, place, recorded_at)
    previous_label, handed_over_at
        What the decision took for granted; the store's own wins.
    content : bytes
        The lead as it was seen and what was answered.
    owner : str or None
        Who works the lead.
    last_known_at : int
        When the last thing happened that was known.
    contact_by : int or None
        When it has to be contacted, if it is handed over now.
    offered : str or None
        "label", "exploration" or "holdout" where it is offered to sales; `propensity` is how
        likely that was.
    arm : "agreement", "holdout" or None
        Where some leads are held out of the agreement.
    """

    decision_id: str
    lead_id: str
    episode: int
    as_of: int
    created_at: int
    decided_at: int
    channel: str | None
    source: str | None
    account_id: str | None
    contact_id: str | None
    attributes: Mapping[str, str]
    activities: Sequence[tuple[str, int, int, int]]
    model_version: str | None
    agreement_version: str
    probability: float | None
    score: int | None
    label: str
    previous_label: str | None
    handed_over_at: int | None
    content: bytes
    owner: str | None = None
    last_known_at: int = 0
    contact_by: int | None = None
    offered: str | None = None
    propensity: float | None = None
    arm: Arm | None = None

    @property
    def key(self) -> tuple[str, int]:
        """The lead's episode."""
        return self.lead_id, self.episode


class Store(Protocol):
    """Keeps leads and decisions."""

    @property
    def reads_at_once(self) -> bool:
        """Whether a lead is read in less time than it takes to ask another thread for it."""

    def prepare(self) -> None:
        """Bring the tables up to this version.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """

    def write(self, decisions: Sequence[Written]) -> None:
        """Keep decisions, all or none; durable on return.

        Raises
        ------
        StoreError
            When they could not be kept.
        """

    def known(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, KnownLead]:
        """Return what is known of leads; those that are not known are left out.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """

    def add_activities(self, new: Sequence[NewActivity]) -> Mapping[tuple[str, int], int]:
        """Keep activities of known leads, each once; return how many were new to each.

        Raises
        ------
        StoreError
            When they could not be kept.
        """

    def once(
        self,
        change: Callable[[Connection], dict[str, Any]],
        key: str | None,
        digest: str,
        at: int,
    ) -> dict[str, Any]:
        """Make a change, all or none; durable on return.

        Parameters
        ----------
        change : callable
            Makes it, and returns what to answer.
        key : str or None
            The same key and digest again change nothing and give the same answer.

        Raises
        ------
        ConflictError
            When the key was used for another request, or the change contradicts another one.
        StoreError
            When it could not be made.
        """

    def changing(self, change: Callable[[Connection], Found]) -> Found:
        """Make a change, all or none; durable on return.

        Raises
        ------
        StoreError
            When it could not be made.
        """

    def reading(self, query: Callable[[Connection], Found]) -> Found:
        """Return what a query finds.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """

    def decisions_of(self, lead_id: str, episode: int, most: int) -> list[dict[str, Any]]:
        """Return the newest decisions of a lead, the oldest of them first.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """

    def decision(self, decision_id: str) -> dict[str, Any] | None:
        """Return what was seen and answered; None where there is no such decision.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """

    def close(self) -> None:
        """Let go of the database."""
