"""What was read from an export, what was left out, and why."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ActivityNotes:
    """Counts of activities; only `used` ones reach the model."""

    rows: int = 0
    used: int = 0
    by_staff: int = 0
    of_unknown_leads: int = 0
    without_date_or_kind: int = 0
    after_outcome: int = 0
    in_future: int = 0


@dataclass(frozen=True, slots=True)
class HistoryNotes:
    """Counts of dated values; only `used` ones reach the model."""

    rows: int = 0
    used: int = 0
    of_unknown_leads: int = 0
    of_unused_attributes: int = 0
    without_date: int = 0


@dataclass(frozen=True, slots=True)
class ExportNotes:
    """What a report says about an export.

    Parameters
    ----------
    rows, used_rows : int
        Rows of the leads file, and those that were kept.
    without_created_at : int
        Rows left out because their `created_at` is empty while others have one.
    excluded : mapping of str to str
        Column to the mapping's reason.
    vouched : mapping of str to str
        Attribute whose `known_at` is unknown, to the reason for using it all the same.
    not_vouched : tuple of str
        Attributes left out because it is unknown when their values came to be.
    unused_columns : tuple of str
        Columns that the mapping does not mention.
    absent_columns : tuple of str
        Columns that the mapping names, the file lacks and `absent_columns_allowed` forgives.
    won_without_date : int
        Leads won on an unknown day, where others have one.
    outcome_before_creation : int
        Leads whose outcome is dated at or before `created_at`.
    outcomes_of_unknown_leads : int
        Rows of the outcome file whose lead is not in the leads file.
    """

    rows: int
    used_rows: int
    without_created_at: int = 0
    excluded: Mapping[str, str] = field(default_factory=dict)
    vouched: Mapping[str, str] = field(default_factory=dict)
    not_vouched: tuple[str, ...] = ()
    unused_columns: tuple[str, ...] = ()
    absent_columns: tuple[str, ...] = ()
    won_without_date: int = 0
    outcome_before_creation: int = 0
    outcomes_of_unknown_leads: int = 0
    activities: ActivityNotes = ActivityNotes()
    history: HistoryNotes = HistoryNotes()

    def to_json(self) -> dict[str, Any]:
        """Return the form that a report keeps."""
        return asdict(self)
