"""The agreement as people write it: the shape of the file."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.agreement.agreement import USUALLY_KEPT

LANGUAGES = ("en", "zh")


def _in_known_languages(words: dict[str, str]) -> dict[str, str]:
    if not set(words) <= set(LANGUAGES):
        raise ValueError("expected words in en and zh")
    return words


Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[Name], Field(min_length=1, max_length=10_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Over0 = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0.0, lt=1.0)]
Words = Annotated[dict[str, Name], AfterValidator(_in_known_languages)]
LabelName = Literal["nurture", "MQL", "SQL"]


class Table(BaseModel):
    """A table of the file; keys that are not known are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ConditionTable(Table):
    """What a value must be: an attribute with one test, or a channel or source."""

    attribute: Name | None = None
    between: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    one_of: Annotated[list[str | int | float], Field(min_length=1)] | None = None
    country_one_of: Names | None = None
    mail: Names | None = None
    domain_one_of: Names | None = None
    seniority_one_of: Names | None = None
    department_one_of: Names | None = None
    is_: Annotated[bool | None, Field(alias="is")] = None
    contains: Names | None = None
    country: Name | None = None
    channel_one_of: Names | None = None
    source_one_of: Names | None = None


class CriterionTable(ConditionTable):
    """One of `[[icp.criteria]]`."""

    weight: Over0
    label: Words = {}


class FitGrades(Table):
    """`icp.grades`."""

    A: Share
    B: Share
    C: Share


class IcpTable(Table):
    """`[icp]`."""

    criteria: Annotated[list[CriterionTable], Field(min_length=1)]
    grades: FitGrades = FitGrades(A=0.8, B=0.55, C=0.3)
    fits: Annotated[list[Literal["A", "B", "C", "D"]], Field(min_length=1)] = ["A", "B"]
    known_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5


class SignTable(ConditionTable):
    """One of `[[inquiry]]` or `[[explicit_intent]]`."""

    activity: Name | None = None
    within_days: Over0 | None = None
    least_count: Annotated[int, Field(ge=1)] | None = None
    label: Words = {}


class SignalTable(SignTable):
    """One of `[[intent.signals]]`."""

    points: Over0
    half_life_days: Over0 | None = None
    most_points: Over0 | None = None


class IntentGrades(Table):
    """`intent.grades`."""

    one: Annotated[float, Field(gt=0.0, alias="1")]
    two: Annotated[float, Field(gt=0.0, alias="2")]
    three: Annotated[float, Field(gt=0.0, alias="3")]


class IntentTable(Table):
    """`[intent]`."""

    signals: Annotated[list[SignalTable], Field(min_length=1)]
    grades: IntentGrades = IntentGrades.model_validate({"1": 40.0, "2": 20.0, "3": 5.0})
    most_points: Over0 | None = None


class DisqualifierTable(SignTable):
    """One of `[[disqualifiers]]`."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class LineTable(Table):
    """A line: exactly one of them."""

    probability: Share | None = None
    lift: Annotated[float, Field(gt=0.0, le=1000.0)] | None = None
    precision: Share | None = None
    capacity_per_week: Over0 | None = None


class LinesTable(Table):
    """`[lines]`."""

    mql: LineTable
    sql: LineTable


class ServiceTable(Table):
    """`[service.SQL]` and the like."""

    first_contact_minutes: Over0 | None = None
    least_attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    kept_share: Share = USUALLY_KEPT


class RecyclingTable(Table):
    """`[recycling]`."""

    mql_days: Over0 | None = None
    sql_days: Over0 | None = None


class PartsTable(Table):
    """The parts that a segment may have for itself."""

    icp: IcpTable | None = None
    intent: IntentTable | None = None
    inquiry: Annotated[list[SignTable], Field(min_length=1)] | None = None
    explicit_intent: Annotated[list[SignTable], Field(min_length=1)] | None = None
    service: dict[LabelName, ServiceTable] | None = None
    recycling: RecyclingTable | None = None


class SegmentTable(PartsTable):
    """One of `[[segments]]`."""

    name: Name
    when: Annotated[list[ConditionTable], Field(min_length=1)]
    rank: int | None = None
    lines: LinesTable | None = None


class AlsoKnownTable(Table):
    """`[also_known]`."""

    attributes: list[Name] = []
    activities: list[Name] = []


class SignatureTable(Table):
    """One of `[[signatures]]`."""

    name: Name
    role: Literal["marketing", "sales"]
    date: date
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AgreementFile(PartsTable):
    """The whole file."""

    dataset: Name
    version: Name
    valid_from: date | None = None
    disqualifiers: list[DisqualifierTable] = []
    lines: LinesTable
    hysteresis_points: Annotated[float, Field(ge=0.0, le=50.0)] = 3.0
    segments: list[SegmentTable] = []
    also_known: AlsoKnownTable = AlsoKnownTable()
    signatures: list[SignatureTable] = []
