"""The agreement of marketing and sales: what they call a qualified lead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from models.agreement.condition import Condition
from models.agreement.lines import AgreedLines, Line
from models.agreement.position import Path, nearest_line, path_text

Label = Literal["disqualified", "nurture", "MQL", "SQL"]
LABELS: tuple[Label, ...] = ("disqualified", "nurture", "MQL", "SQL")
Role = Literal["marketing", "sales"]
ROLES: tuple[Role, ...] = ("marketing", "sales")
FIT_GRADES = ("A", "B", "C", "D")
INTENT_GRADES = ("1", "2", "3", "4")
UNKNOWN, NOT_AGREED = "?", "-"
HYSTERESIS_POINTS = 3.0
KNOWN_SHARE = 0.5
DEFAULT_VERSION = "default"
DEFAULT_MQL_LIFT = 2.0
DEFAULT_SQL_LIFT = 4.0
Labels = Mapping[str, str]
"""Language to the words shown to people."""
USUALLY_KEPT = 0.9
"""Share of leads for which a promised service is to be kept where nothing else is agreed."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of the ideal customer profile (ICP) and its weight."""

    condition: Condition
    weight: float
    label: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Icp:
    """The ideal customer profile.

    Parameters
    ----------
    criteria : tuple of Criterion
        A criterion whose value is missing leaves numerator and denominator.
    grades : tuple of float
        Least shares of the weight for A, B and C, falling; below the last it is D.
    fits : tuple of str
        Grades that fit, from A on.
    known_share : float
        With a smaller share of the weight known, the fit is unknown.
    """

    criteria: tuple[Criterion, ...]
    grades: tuple[float, float, float] = (0.8, 0.55, 0.3)
    fits: tuple[str, ...] = ("A", "B")
    known_share: float = KNOWN_SHARE


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that a lead did, or a value that it has.

    Parameters
    ----------
    what : str or Condition
        A kind of activity, or what a value must be.
    within_days : float or None
        So long it counts: an activity from when it happened, a value from when the lead came
        in; None for ever. Without dates everything counts.
    least_count : int
        So many activities are needed.
    label : mapping of str to str
    """

    what: str | Condition
    within_days: float | None = None
    least_count: int = 1
    label: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign of intent that gives points.

    Parameters
    ----------
    sign : Sign
        What gives them.
    points : float
        For each activity, or for the value; over 0.
    half_life_days : float or None
        After so many days the points weigh half; None for never.
    most_points : float or None
        Most that all activities of the kind give together.
    """

    sign: Sign
    points: float
    half_life_days: float | None = None
    most_points: float | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """How buying intent is graded.

    Parameters
    ----------
    signals : tuple of Signal
    grades : tuple of float
        Least points for 1, 2 and 3, falling; below the last it is 4.
    most_points : float or None
        Most points in all.
    """

    signals: tuple[Signal, ...]
    grades: tuple[float, float, float] = (40.0, 20.0, 5.0)
    most_points: float | None = None


@dataclass(frozen=True, slots=True)
class Disqualifier:
    """Takes a lead out, whatever else is true of it."""

    code: str
    sign: Sign


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """What is promised for the leads of a label; None where nothing is.

    Parameters
    ----------
    first_contact_minutes : float or None
    least_attempts : int or None
        Before giving up.
    kept_share : float
        Share of the leads for which that is to be kept: nobody keeps it for all.
    """

    first_contact_minutes: float | None = None
    least_attempts: int | None = None
    kept_share: float = USUALLY_KEPT


@dataclass(frozen=True, slots=True)
class Recycling:
    """After how many days without an answer of sales a lead that was handed over is free."""

    mql_days: float | None = None
    sql_days: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """Leads for which some parts of the agreement are others.

    Parameters
    ----------
    name : str
    conditions : tuple of Condition
        All have to be met.
    rank : int or None
        Of two segments that a lead may be in at once, the one with the lower rank counts.
    icp, intent, inquiry, explicit_intent, lines, service, recycling
        Parts that take the place of the agreement's own; None where they do not.
    """

    name: str
    conditions: tuple[Condition, ...]
    rank: int | None = None
    icp: Icp | None = None
    intent: Intent | None = None
    inquiry: tuple[Sign, ...] | None = None
    explicit_intent: tuple[Sign, ...] | None = None
    lines: AgreedLines | None = None
    service: Mapping[str, ServiceLevel] | None = None
    recycling: Recycling | None = None


@dataclass(frozen=True, slots=True)
class AlsoKnown:
    """Attributes and kinds of activity that the CRM sends although no model was trained on them."""

    attributes: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """One side's word for the content that the hash stands for."""

    name: str
    role: Role
    date: date
    hash: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that an agreement was read from: its name and the lines of its keys."""

    where: str
    lines: Mapping[Path, int]

    def place(self, path: Path) -> str:
        """Return file, line and key."""
        line = nearest_line(dict(self.lines), path)
        text = path_text(path)
        start = self.where if line is None else f"{self.where}:{line}"
        return f"{start}: {text}" if text else start


@dataclass(frozen=True, slots=True)
class Agreement:
    """What decides a label.

    Parameters
    ----------
    dataset : str
        What it is about.
    version : str
        Stands in every answer.
    lines : AgreedLines
        As agreed; the probabilities that they come to depend on the model, see `Lines`.
    valid_from : date or None
        First day on which it may decide.
    icp : Icp or None
        None asks nothing of the fit.
    intent : Intent or None
        None gives no intent grade.
    inquiry, explicit_intent : tuple of Sign
        Any of them is an inquiry, or explicit buying intent; an explicit intent is an
        inquiry too. None asks for none.
    disqualifiers : tuple of Disqualifier
    hysteresis_points : float
        How far below a line a lead may fall before it loses the label that the line gave.
    service : mapping of str to ServiceLevel
        By label.
    recycling : Recycling
    segments : tuple of Segment
    also_known : AlsoKnown
    signatures : tuple of Signature
    origin : Origin or None
        For messages; no part of the content.
    """

    dataset: str
    version: str
    lines: AgreedLines
    valid_from: date | None = None
    icp: Icp | None = None
    intent: Intent | None = None
    inquiry: tuple[Sign, ...] | None = None
    explicit_intent: tuple[Sign, ...] | None = None
    disqualifiers: tuple[Disqualifier, ...] = ()
    hysteresis_points: float = HYSTERESIS_POINTS
    service: Mapping[str, ServiceLevel] = field(default_factory=dict)
    recycling: Recycling = Recycling()
    segments: tuple[Segment, ...] = ()
    also_known: AlsoKnown = AlsoKnown()
    signatures: tuple[Signature, ...] = ()
    origin: Origin | None = field(default=None, compare=False, repr=False)

    @property
    def asking(self) -> Mapping[str, int]:
        """How many activities of a kind are an inquiry or an explicit intent, in any segment."""
        counts: dict[str, int] = {}
        parts: tuple[Agreement | Segment, ...] = (self, *self.segments)
        for part in parts:
            for sign in (*(part.inquiry or ()), *(part.explicit_intent or ())):
                if isinstance(sign.what, str):
                    least = counts.get(sign.what, sign.least_count)
                    counts[sign.what] = min(least, sign.least_count)
        return counts

    def place(self, path: Path) -> str:
        """Return where something stands, for messages: file, line and key where known."""
        origin = self.origin or Origin(f"agreement {self.version!r} of {self.dataset!r}", {})
        return origin.place(path)


def default_agreement(dataset: str, anchor: float) -> Agreement:
    """Return lines at twice and four times the anchor, for a dataset without an agreement.

    It asks nothing of fit and intent.

    Examples
    --------
    >>> default_agreement("mine", 0.05).lines.sql
    Line(measure='probability', value=0.2)
    """
    mql = min(DEFAULT_MQL_LIFT * anchor, (1.0 + anchor) / 2.0)
    sql = min(DEFAULT_SQL_LIFT * anchor, (1.0 + mql) / 2.0)
    return Agreement(dataset, DEFAULT_VERSION, lines_at(mql, sql))


def lines_at(mql: float, sql: float) -> AgreedLines:
    """Return lines that are agreed as probabilities.

    Examples
    --------
    >>> lines_at(0.1, 0.2).mql.value
    0.1
    """
    return AgreedLines(Line("probability", mql), Line("probability", sql))
