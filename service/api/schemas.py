"""What requests and answers look like."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, Strict
from pydantic_core import core_schema

MOST_ACTIVITIES = 2000
MOST_LEADS = 1000
LARGEST = 10**300


class WrittenOut:
    """Lets only dates pass that are written out, not numbers that might be seconds."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return the check, made of parts that need no Python for each value."""
        text = core_schema.str_schema(pattern="^.{4}-")
        expected = core_schema.custom_error_schema(
            text, custom_error_type="written_out", custom_error_message="expected a date and time"
        )
        return core_schema.chain_schema([expected, handler(source)])


Moment = Annotated[datetime, WrittenOut()]
Text = Annotated[str, Field(max_length=20_000)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST, strict=True)]
Real = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Scalar = Annotated[
    Text | Annotated[bool, Strict()] | Whole | Real | None, Field(union_mode="left_to_right")
]
Value = Annotated[
    Scalar | Annotated[list[Scalar], Field(max_length=200)], Field(union_mode="left_to_right")
]
Label = Literal["disqualified", "nurture", "MQL", "SQL"]
EXAMPLE: dict[str, Any] = {
    "lead_id": "L-1042",
    "as_of": "2026-03-02T09:30:00Z",
    "created_at": "2026-02-21T07:30:00Z",
    "channel": "Referral",
    "attributes": {"industry": "Software", "employees": 180, "country": "DE"},
    "activities": [{"kind": "demo_request", "occurred_at": "2026-02-28T09:30:00Z"}],
}

POSTED: dict[str, Any] = {
    "lead_id": "L-1042",
    "kind": "pricing_page",
    "occurred_at": "2026-03-03T10:00:00Z",
    "id": "visit-7",
}


class ActivityIn(BaseModel):
    """One activity of the lead."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(min_length=1, max_length=200)]
    occurred_at: Moment
    recorded_at: Annotated[Moment | None, Field(description="When it became known.")] = None


class LeadIn(BaseModel):
    """What the CRM knows of a lead. Moments are ISO 8601; without a zone they are UTC."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{k: v for k, v in EXAMPLE.items() if k != "lead_id"}]},
    )

    as_of: Annotated[Moment | None, Field(description="Moment of scoring; default: now.")] = None
    created_at: Annotated[
        Moment | None, Field(description="When the lead came in; default: `as_of`.")
    ] = None
    episode: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1
    channel: Text | None = None
    source: Text | None = None
    account_id: Id | None = None
    contact_id: Id | None = None
    owner: Annotated[Id | None, Field(description="Who works the lead; no name is needed.")] = None
    previous_label: Annotated[Label | None, Field(description="The lead's last label.")] = None
    handed_over_at: Annotated[
        Moment | None,
        Field(description="When it was handed over to sales, while they have not answered yet."),
    ] = None
    attributes: Annotated[
        dict[str, Value],
        Field(max_length=1000, description="What the model was trained on; see GET /model."),
    ] = {}
    activities: Annotated[list[ActivityIn], Field(max_length=MOST_ACTIVITIES)] = []
    dry_run: Annotated[bool, Strict(), Field(description="Answer, but keep nothing.")] = False


class ScoreRequest(LeadIn):
    """A lead as the CRM knows it. Moments are ISO 8601; without a zone they are UTC."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    lead_id: Id


class PostedActivity(ActivityIn):
    """One activity of a known lead."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [POSTED]})

    lead_id: Id
    episode: Annotated[
        Annotated[int, Field(ge=1, le=1000, strict=True)] | None,
        Field(description="Default: the newest."),
    ] = None
    id: Annotated[Id | None, Field(description="The CRM's own; sent twice, it counts once.")] = None
    actor: Annotated[Id | None, Field(description="Who acted; no name is needed.")] = None
    recorded_at: Annotated[
        Moment | None, Field(description="When it became known; default: now.")
    ] = None


class ActivitiesRequest(BaseModel):
    """Activities of one lead or of several, in any order."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"activities": [POSTED]}]}
    )

    activities: Annotated[list[PostedActivity], Field(min_length=1, max_length=MOST_LEADS)]


class BatchRequest(BaseModel):
    """Several leads; each is answered for itself."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"leads": [EXAMPLE]}]}
    )

    leads: Annotated[list[ScoreRequest], Field(max_length=MOST_LEADS)]


class EvidenceOut(BaseModel):
    """Past leads with a similar score."""

    similar_leads: int
    won: int
    low: float
    high: float


class ReasonOut(BaseModel):
    """One fact and its points."""

    about: str
    family: str
    value: float | str | bool | None
    points: float
    text: str


class LedgerOut(BaseModel):
    """The sum that makes the score before rounding."""

    start: float
    base: float
    fit: float
    intent: float
    channel: float
    timing: float
    quality: float
    cap: float


class RuleOut(BaseModel):
    """One rule that was tried."""

    rule: str
    met: bool
    text: str


class MissingOut(BaseModel):
    """An attribute that nobody has filled in, and what it could change."""

    about: str
    grade: str
    label: Label
    text: str


class QualificationOut(BaseModel):
    """Why a lead has its label, and what is to be done."""

    rule: Annotated[str, Field(description="The rule that decided.")]
    segment: str | None
    fit_share: float | None
    fit_known_share: float | None
    intent_points: float
    rules: list[RuleOut]
    missing: list[MissingOut]
    action: str
    first_contact_minutes: float | None
    least_attempts: int | None
    new_episode: bool


class ScoreAnswer(BaseModel):
    """A lead's score, its reasons and its label."""

    lead_id: str
    scored_at: datetime
    probability: float | None
    score: int | None
    label: Label
    grade: Annotated[str, Field(description="Fit A to D, intent 1 to 4; ? is not known.")]
    qualification: QualificationOut
    evidence: EvidenceOut | None
    basis: Literal["model", "rates", "rules"]
    degraded: bool
    reasons: list[ReasonOut]
    ledger: LedgerOut | None
    missing: list[str]
    warnings: list[str]
    unknown_attributes: list[str]
    offered: Annotated[
        Literal["label", "exploration", "holdout"] | None,
        Field(description="Why the lead is offered to sales; exploration, holdout: by chance."),
    ] = None
    arm: Annotated[
        Literal["agreement", "holdout"] | None,
        Field(description="Whether the agreement routes the lead, where some are held out of it."),
    ] = None
    propensity: Annotated[
        float | None, Field(description="How likely the lead was to be offered.")
    ] = None
    model_version: str | None
    agreement_version: str
    decision_id: Annotated[
        str | None, Field(description="Under it the decision is found again, where it is kept.")
    ]
    recorded: Annotated[
        bool, Field(description="Whether the decision was durable when this was sent.")
    ]


class LeadAnswer(ScoreAnswer):
    """A lead's score, and whether its label has changed."""

    label_before: Annotated[Label | None, Field(description="None where it had none.")]
    changed: bool


class ErrorOut(BaseModel):
    """What is wrong, where, and what was expected."""

    error: str
    detail: str


class BatchItem(BaseModel):
    """One lead's answer or error."""

    status: int
    answer: ScoreAnswer | None = None
    error: str | None = None
    detail: str | None = None


class ActivitiesItem(BaseModel):
    """What became of a lead by its activities."""

    lead_id: str
    status: int
    new: Annotated[int, Field(description="Activities that were not known before.")] = 0
    answer: LeadAnswer | None = None
    error: str | None = None
    detail: str | None = None


class ActivitiesAnswer(BaseModel):
    """One item for each lead, in the order in which they come first."""

    results: list[ActivitiesItem]


class TimelineItem(BaseModel):
    """Something that happened to a lead, or was decided of it."""

    at: datetime
    what: Literal["activity", "decision", "feedback", "outcome", "contact"]
    kind: str | None = None
    decision_id: str | None = None
    score: int | None = None
    label: Label | None = None
    changes: Annotated[
        dict[str, float] | None,
        Field(description="Points by family, where they changed since the decision before."),
    ] = None
    accepted: bool | None = None
    code: str | None = None
    outcome: str | None = None
    value: float | None = None
    means: str | None = None
    reached: bool | None = None


class StoredLead(BaseModel):
    """A lead as it is stored."""

    lead_id: str
    episode: int
    created_at: datetime
    channel: str | None
    source: str | None
    account_id: str | None
    contact_id: str | None
    attributes: Annotated[dict[str, Any], Field(description="In stored form: no identifiers.")]
    probability: float | None
    score: int | None
    label: Label | None
    handed_over_at: datetime | None
    decision_id: str | None
    trend: Literal["rising", "steady", "falling", "not enough information"]
    timeline: list[TimelineItem]


class DifferenceOut(BaseModel):
    """A place where a decision came out otherwise."""

    place: str
    was: Any
    now: Any


class FetchOut(BaseModel):
    """That a bundle be brought back by training, and what became of it."""

    request_id: str
    status: Literal["asked", "done", "refused"]
    told: Annotated[str | None, Field(description="What became of it, in a sentence.")]


class ReplayAnswer(BaseModel):
    """Whether a decision comes out again."""

    model_version: str | None
    agreement_version: str
    equal: Annotated[bool | None, Field(description="null where something is missing.")]
    exact: Annotated[
        bool | None, Field(description="Compared to the bit; else to 1e-12: another processor.")
    ] = None
    missing: Annotated[list[str], Field(description="What is needed and not there any more.")]
    fetch: Annotated[
        FetchOut | None, Field(description="Where the bundle is missing: the request for it.")
    ] = None
    differences: list[DifferenceOut]


class BatchAnswer(BaseModel):
    """Answers in the order of the request."""

    results: list[BatchItem]
