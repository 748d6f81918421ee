"""POST /agreement/preview: what a draft of the agreement would do, before it is made."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from features.errors import AgreementError, SchemaError
from models.agreement.agreement import Agreement
from models.agreement.check import check_against
from models.agreement.read import parse_agreement
from models.bundle.reference import TEST
from models.preview.looked import looked_at
from models.preview.outlook import Labelled
from models.preview.preview import compared
from models.preview.resolve import lines_for
from models.scorer import Scorer
from service.api.agreement import LinesOut
from service.api.figures import Figures, PromisedOut
from service.api.schemas import ErrorOut, Label
from service.holder import Served
from service.parts import Parts

DRAFT = "draft"
ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorOut, "description": "The draft is not what was expected."},
    503: {"model": ErrorOut, "description": "No model is loaded."},
}
MOST_CHARACTERS = 1_000_000


class PreviewRequest(BaseModel):
    """A draft of the agreement, as it would stand in its file."""

    model_config = ConfigDict(extra="forbid")

    agreement: Annotated[str, Field(max_length=MOST_CHARACTERS, description="TOML")]


class WonOut(Figures):
    """How many of some leads were won, with an interval of 80 %."""

    leads: float
    won: float
    share: float | None
    low: float | None
    high: float | None


class LabelOutlookOut(Figures):
    """What is to be expected of a label, each lead counted when it first gets it."""

    label: Label
    leads: float
    per_week: float | None
    won: WonOut | None
    recall: float | None
    expected_wins: Annotated[float, Field(description="Under today's way of working.")]
    low: float
    high: float
    capacity_per_week: float | None
    attempts_per_week: float | None


class OutlookOut(Figures):
    """What an agreement makes of past leads."""

    leads: float
    weeks: float | None
    labels: list[LabelOutlookOut]
    channels: dict[str, dict[Label, float]]
    segments: dict[str, dict[Label, float]]


class DraftOut(Figures):
    """The draft's lines, and what they came to."""

    version: str
    content: Annotated[str, Field(description="Hash of the content.")]
    lines: LinesOut
    resolved: list[PromisedOut]


class PreviewOut(Figures):
    """What a draft would do, beside the agreement that holds."""

    agreement: DraftOut
    against: str
    model_version: str
    new: OutlookOut
    old: OutlookOut
    flips: Annotated[
        dict[Label, dict[Label, float]], Field(description="Leads by label before and after.")
    ]
    moved: Annotated[int, Field(description="Reference leads that change their label.")]


def preview_router(parts: Parts) -> APIRouter:
    """Return the route that tries a draft on past leads."""
    router = APIRouter(tags=["agreement"], responses=ERRORS)

    # not a coroutine: it takes long enough to have a thread of its own
    @router.post(
        "/agreement/preview",
        response_model=PreviewOut,
        response_model_exclude_unset=True,
        summary="What a draft would do, on past leads",
    )
    def tried(request: PreviewRequest) -> dict[str, Any]:
        served = parts.holder.served
        return tried_draft(served, request.agreement, decided_so_far(served))

    return router


def decided_so_far(served: Served) -> Labelled:
    """Return the past leads with the labels that the agreement which decides gives them."""
    scorer = served.scorer
    looked = looked_at(scorer.bundle.reference, TEST, scorer.space)
    return Labelled.of(looked, served.agreement, served.lines)


def tried_draft(served: Served, text: str, before: Labelled) -> dict[str, Any]:
    """Return what a draft would do on past leads.

    Parameters
    ----------
    served : Served
    text : str
        The draft, as it would stand in its file.
    before : Labelled
        From `decided_so_far`; the same for every draft beside an agreement.

    Raises
    ------
    SchemaError
        When it is no agreement about what the model is about, or its lines cannot be had.
    """
    try:
        draft = checked(text, served.scorer)
        found = lines_for(draft, served.scorer.bundle)
        effect = compared(Labelled.of(before.looked, draft, found.lines), before)
    except AgreementError as error:  # what is wrong is in the request, not in a file of ours
        raise SchemaError(str(error)) from None
    return {
        "agreement": found.to_json(),
        "against": before.agreement.version,
        "model_version": served.model_version,
        **effect.to_json(),
    }


def checked(text: str, scorer: Scorer) -> Agreement:
    """Return a draft that is about what the model is about.

    Raises
    ------
    AgreementError
        When it is broken, or speaks of another dataset or of what the dataset lacks.
    """
    draft = parse_agreement(text, DRAFT)
    dataset = scorer.manifest.dataset
    if draft.dataset != dataset:
        raise AgreementError(
            f"{draft.place(('dataset',))}: is {draft.dataset!r}, the model is about {dataset!r}"
        )
    types = {spec.name: spec.type for spec in scorer.space.attributes}
    check_against(draft, types, scorer.space.kinds)
    return draft
