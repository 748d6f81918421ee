"""What a backfill asks of a CRM: hand over all leads, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from service.crm.field_map import FieldMap


class PulledLead(NamedTuple):
    """One lead as the CRM has it; moments in ISO form, None where it says nothing.

    Parameters
    ----------
    record_id : str
        As the CRM knows it.
    known : mapping of str to value
        `created_at`, `channel`, `source`, `account_id`, `contact_id`, `owner`.
    attributes : mapping of str to value
        Today's values, by attribute.
    history : sequence of (attribute, value, changed_at)
        Dated values, where the CRM keeps them.
    outcome : "won", "lost" or None
        None while it is open.
    outcome_at, opportunity_at : str or None
    value : float or None
    also : sequence of str
        Other records that mean this lead, such as the contact that it became.
    """

    record_id: str
    known: Mapping[str, Any]
    attributes: Mapping[str, Any]
    history: Sequence[tuple[str, Any, str]] = ()
    outcome: str | None = None
    outcome_at: str | None = None
    opportunity_at: str | None = None
    value: float | None = None
    also: Sequence[str] = ()


class PulledOutcome(NamedTuple):
    """What became of leads, where another record tells it, such as a deal.

    Parameters
    ----------
    record_ids : sequence of str
        Leads, or what they became.
    outcome : "won", "lost" or None
        None while it is open.
    outcome_at, opportunity_at : str or None
        Moments in ISO form.
    value : float or None
    """

    record_ids: Sequence[str]
    outcome: str | None
    outcome_at: str | None
    opportunity_at: str | None = None
    value: float | None = None


class PulledActivity(NamedTuple):
    """One activity as the CRM has it.

    Parameters
    ----------
    activity_id : str
        Counts once.
    record_ids : sequence of str
        Records that it is about: leads, or what they became.
    kind : str
    occurred_at, recorded_at : str
        Moments in ISO form; None where the second is not known.
    actor : str
        "lead" or "staff".
    """

    activity_id: str
    record_ids: Sequence[str]
    kind: str
    occurred_at: str
    recorded_at: str | None
    actor: str


class Page(NamedTuple):
    """A part of what a CRM has.

    Parameters
    ----------
    leads : sequence of PulledLead
    activities : sequence of PulledActivity
    after : str or None
        Where the next page begins; None after the last one.
    outcomes : sequence of PulledOutcome
    """

    leads: Sequence[PulledLead]
    activities: Sequence[PulledActivity]
    after: str | None
    outcomes: Sequence[PulledOutcome] = ()


class Reader(Protocol):
    """Reads one CRM."""

    name: str
    fields: FieldMap

    def pull(self, after: str | None) -> Page:
        """Return the page that begins at a place, None: the first.

        Raises
        ------
        CrmAwayError
            When the CRM does not answer, asks to wait, or refuses the credentials; the same
            page may be asked for again.
        """
