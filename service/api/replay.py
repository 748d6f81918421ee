"""POST /decisions/{id}/replay: a decision is made again from what was kept of it."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from features.errors import AgreementError, BundleError
from features.moment import to_datetime
from models.bundle.folder import ArtifactFolder
from models.bundle.golden import processor
from models.bundle.read import read_bundle
from models.replay import TOLERANCE, differences, snapshot_record
from models.scorer import Scorer
from service.agreed import make_agreed
from service.api.answer import Earlier, answer_leads
from service.api.decision import ERRORS
from service.api.schemas import ReplayAnswer
from service.errors import NotFoundError
from service.holder import Served
from service.parts import Parts
from service.settings import Settings


def replay_router(parts: Parts) -> APIRouter:
    """Return the route that makes decisions again."""
    router = APIRouter(tags=["decision"])

    # not a coroutine: the database and the files may take their time
    @router.post(
        "/decisions/{decision_id}/replay",
        response_model=ReplayAnswer,
        responses=ERRORS,
        summary="Make a decision again, and compare",
    )
    def replay(decision_id: str) -> dict[str, Any]:
        kept = parts.require_store().decision(decision_id)
        if kept is None:
            raise NotFoundError("decision_id: no such decision was kept")
        return replayed(parts, kept)

    return router


def replayed(parts: Parts, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether a decision comes out again, or what is missing for that.

    Parameters
    ----------
    kept : mapping
        What the store has of it.
    """
    was = kept["answer"]
    served = parts.holder.served
    versions = {name: was[name] for name in ("model_version", "agreement_version")}
    missing = []
    if was["agreement_version"] != served.agreement.version:
        missing.append(
            f"agreement version {was['agreement_version']}: version {served.agreement.version} "
            "decides now"
        )
    same = was["model_version"] == served.model_version
    earlier = served if same else served_before(parts.settings, served, was["model_version"])
    if earlier is None:
        missing.append(
            f"model version {was['model_version']}: its bundle is not in the artifacts, "
            "or the agreement that decides now does not go with it"
        )
    if missing or earlier is None:
        return {**versions, "equal": None, "missing": missing, "differences": []}
    at_home = kept["processor"] == processor()
    found = differences(was, made_again(earlier, kept), 0.0 if at_home else TOLERANCE)
    return {
        **versions,
        "equal": not found,
        "exact": at_home,
        "missing": [],
        "differences": [one._asdict() for one in found],
    }


def made_again(served: Served, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer about what was seen then."""
    lead = kept["lead"]
    now = to_datetime(kept["decided_at"])
    assert now is not None, "decisions have a moment"
    answered = answer_leads(
        served,
        [snapshot_record(kept["lead_id"], lead)],
        [Earlier(lead["previous_label"], lead["handed_over_at"])],
        now=now,
        language="en",
        reasons=len(kept["answer"]["reasons"]),
    )
    return answered[0].body


def served_before(settings: Settings, served: Served, version: str) -> Served | None:
    """Return an earlier model with the agreement that decides now; None where it is gone."""
    folder = ArtifactFolder(settings.artifacts).version(served.scorer.manifest.dataset, version)
    try:
        scorer = Scorer(read_bundle(folder, key=settings.key))
        agreed = make_agreed(served.agreement, scorer, unsigned=served.agreed.unsigned)
    except (BundleError, AgreementError):
        return None
    return Served(scorer, agreed, {})
