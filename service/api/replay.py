"""POST /decisions/{id}/replay: a decision is made again from what was kept of it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from features.errors import AgreementError, BundleError, DataError
from features.moment import to_datetime
from models.agreement.agreement import Agreement, default_agreement
from models.agreement.read import parse_agreement
from models.bundle.folder import ArtifactFolder
from models.bundle.golden import processor
from models.bundle.read import read_bundle
from models.bundle.request import ModelRequest
from models.replay import TOLERANCE, differences, snapshot_record
from models.scorer import Scorer
from service.agreed import make_agreed
from service.api.answer import answer_leads
from service.api.decision import ERRORS
from service.api.schemas import ReplayAnswer
from service.earlier import Earlier
from service.errors import RETRY_AFTER_SECONDS, NotFoundError, ServiceError
from service.holder import Served
from service.model_request import ask_for_bundle
from service.parts import Parts
from service.settings import Settings
from service.store.agreements import read_agreement
from service.store.keys import Key

WHY = "to make a decision again and compare"
ASKED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ReplayAnswer,
        "description": "The bundle is asked for; ask again when training has brought it.",
    }
}
Other = Annotated[
    str | None,
    Query(max_length=200, description="Version of another agreement; the record stays as it is."),
]


def replay_router(parts: Parts) -> APIRouter:
    """Return the route that makes decisions again."""
    router = APIRouter(tags=["decision"])

    # not a coroutine: the database and the files may take their time
    @router.post(
        "/decisions/{decision_id}/replay",
        response_model=ReplayAnswer,
        responses=ERRORS | ASKED,
        summary="Make a decision again, and compare",
    )
    def replay(
        request: Request, response: Response, decision_id: str, agreement: Other = None
    ) -> dict[str, Any]:
        kept = parts.require_store().decision(decision_id)
        if kept is None:
            raise NotFoundError("decision_id: no such decision was kept")
        found = replayed(parts, kept, agreement)
        if found["equal"] is None:
            wish = fetched(parts, found, request.scope.get("key"))
            if wish is not None and wish.status == "asked":
                response.status_code = 202
                response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return found

    return router


def fetched(parts: Parts, found: dict[str, Any], key: Key | None) -> ModelRequest | None:
    """Ask training for the bundle that is missing for a replay, if it is, and say so there."""
    version = found["model_version"]
    if scorer_of(parts.settings, parts.holder.served, version) is not None:
        return None
    try:
        wish = ask_for_bundle(parts, version, WHY, key)
    except (DataError, BundleError, ServiceError) as error:
        found["missing"].append(f"the bundle cannot be asked for: {error}")
        return None
    found["fetch"] = {name: getattr(wish, name) for name in ("request_id", "status", "told")}
    return wish


def replayed(parts: Parts, kept: Mapping[str, Any], agreement: str | None = None) -> dict[str, Any]:
    """Return whether a decision comes out again, or what is missing for that.

    Parameters
    ----------
    kept : mapping
        What the store has of it.
    agreement : str, optional
        Version of another agreement that is to decide.
    """
    was = kept["answer"]
    decides = was["agreement_version"] if agreement is None else agreement
    versions = {"model_version": was["model_version"], "agreement_version": decides}
    missing: list[str] = []
    earlier = served_then(parts, versions, missing)
    if earlier is None:
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


def made_again(served: Served, kept: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """Return the answer about what was seen then."""
    lead = kept["lead"]
    now = to_datetime(kept["decided_at"])
    assert now is not None, "decisions have a moment"
    answered = answer_leads(
        served,
        [snapshot_record(kept["lead_id"], lead)],
        [Earlier(lead["previous_label"], lead["handed_over_at"])],
        now=now,
        languages=[language],
        reasons=len(kept["answer"]["reasons"]),
    )
    return answered[0].body


def served_then(parts: Parts, was: Mapping[str, Any], missing: list[str]) -> Served | None:
    """Return the model and the agreement that decided; None where one of them is gone.

    Parameters
    ----------
    missing : list of str
        Takes what is gone.
    """
    served = parts.holder.served
    scorer = scorer_of(parts.settings, served, was["model_version"])
    agreement = agreement_of(parts, was["agreement_version"])
    if scorer is None:
        missing.append(f"model version {was['model_version']}: its bundle is not in the artifacts")
    if agreement is None:
        missing.append(f"agreement version {was['agreement_version']}: is not kept")
    if scorer is None or agreement is None:
        return None
    if scorer is served.scorer and agreement is served.agreement:
        return served
    try:
        return Served(scorer, make_agreed(agreement, scorer, unsigned=False), {})
    except AgreementError as error:
        missing.append(f"the lines of agreement version {agreement.version}: {error}")
        return None


def scorer_of(settings: Settings, served: Served, version: str) -> Scorer | None:
    """Return the model of a version; None where its bundle is gone."""
    if version == served.model_version:
        return served.scorer
    folder = ArtifactFolder(settings.artifacts).version(served.scorer.manifest.dataset, version)
    try:
        return Scorer(read_bundle(folder, key=settings.key))
    except BundleError:
        return None


def agreement_of(parts: Parts, version: str) -> Agreement | None:
    """Return the agreement of a version; None where it was never kept."""
    served = parts.holder.served
    manifest = served.scorer.manifest
    for known in (served.agreement, default_agreement(manifest.dataset, manifest.anchor)):
        if version == known.version:
            return known
    dataset = manifest.dataset
    try:
        kept = parts.require_store().reading(lambda c: read_agreement(c, dataset, version))
    except NotFoundError:
        return None
    return parse_agreement(kept.text, f"version {version}")
