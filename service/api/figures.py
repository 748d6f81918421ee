"""What the statistics answer."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.agreement.lines import Measure
from service.api.schemas import Label


class Figures(BaseModel):
    """Whatever is counted has a place here; nothing is left out of an answer in silence."""

    model_config = ConfigDict(extra="forbid")


class ShareOut(Figures):
    """A share of some leads with its 95 % interval; null where there are none."""

    of: int
    share: float | None
    low: float | None
    high: float | None


class QuantilesOut(Figures):
    """Median and 90 % quantile; null where there is nothing."""

    of: int
    median: float | None
    p90: float | None


class SpanOut(Figures):
    """The leads that are counted were created in it."""

    since: datetime
    until: datetime


class StagesOut(Figures):
    """How many leads came how far."""

    leads: int
    mql: int
    sql: int
    accepted: int
    rejected: int
    opportunities: int
    won: int
    lost: int


class ConversionOut(Figures):
    """Shares of all leads."""

    mql: ShareOut
    sql: ShareOut
    accepted: ShareOut
    opportunities: ShareOut
    won: ShareOut


class AllOut(StagesOut):
    """All leads."""

    conversion: ConversionOut


class FunnelChannelOut(AllOut):
    """The leads of a channel."""

    channel: str | None


class PeriodOut(StagesOut):
    """The leads of a channel that were created in a period."""

    since: date
    channel: str | None


class FunnelOut(SpanOut):
    """How far leads come."""

    all: AllOut
    channels: list[FunnelChannelOut]
    periods: list[PeriodOut]


class LabelOut(Figures):
    """What became of the leads that were handed over under a label."""

    label: Label
    handed_over: int
    accepted: int
    rejected: int
    acceptance: ShareOut
    won: int
    precision: ShareOut


class RejectionOut(Figures):
    """Why sales rejected leads."""

    label: Label | None
    code: str
    leads: int


class PromiseOut(Figures):
    """What a line came to on past leads; the interval is one of 80 %."""

    per_week: float | None
    leads: float
    won: float
    share: float | None
    low: float | None
    high: float | None


class PromisedOut(Figures):
    """A line of the agreement, and what it promised when it was drawn."""

    label: Label
    segment: str | None
    measure: Measure
    value: float
    probability: float
    share: float = Field(description="Of the leads that are exactly on the line.")
    calibration: PromiseOut
    test: PromiseOut


class LabelsOut(SpanOut):
    """Acceptance and precision of labels, beside what was promised."""

    horizon_days: int
    labels: list[LabelOut]
    rejections: list[RejectionOut]
    promised: list[PromisedOut]


class ContactsLabelOut(Figures):
    """How fast and how often the leads of a label are contacted."""

    label: Label
    handed_over: int
    contacted: int
    reached: int
    system_delay_minutes: QuantilesOut
    first_contact_minutes: QuantilesOut
    promised_minutes: float | None
    in_time: ShareOut | None
    given_up: int
    attempts_before_giving_up: QuantilesOut
    promised_attempts: int | None
    given_up_too_soon: ShareOut | None


class ContactsOut(SpanOut):
    """How fast and how often leads are contacted."""

    labels: list[ContactsLabelOut]


class ValueChannelOut(Figures):
    """What a channel brings."""

    channel: str | None
    won: int
    conversion: ShareOut
    value: float
    mean_value: float | None
    wins_with_value: int
    days_to_win: QuantilesOut


class ValueOut(SpanOut):
    """What channels bring."""

    channels: list[ValueChannelOut]


class CostPerWonOut(Figures):
    """Of the 95 % interval of the share won; no win: no cost, and no upper bound."""

    cost: float | None
    low: float | None
    high: float | None


class CostFiguresOut(Figures):
    """What leads and wins cost."""

    cost: float
    leads: int
    won: int
    immature_leads: int = Field(description="Of them more may be won yet.")
    cost_per_lead: float | None
    cost_per_won: CostPerWonOut


class ChannelCostOut(CostFiguresOut):
    """What the leads and wins of a channel cost."""

    channel: str | None
    months: int = Field(description="For which its cost is given.")


class CostOfChannelsOut(SpanOut):
    """What leads and wins cost, of whole months."""

    horizon_days: int
    all: CostFiguresOut | None
    channels: list[ChannelCostOut]


class ArmOut(Figures):
    """Leads that the agreement routes, or that are held out of it."""

    arm: Literal["agreement", "holdout"]
    leads: int
    won: ShareOut
    value_per_lead: float | None


class MoreOut(Figures):
    """By how much more, with its 95 % interval."""

    difference: float
    low: float
    high: float


class EffectOut(SpanOut):
    """What the agreement changes."""

    horizon_days: int
    arms: list[ArmOut]
    wins_per_lead: MoreOut | None
    value_per_lead: MoreOut | None
