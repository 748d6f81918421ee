"""POST /agreements and what follows: draft, sign, activate."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from features.errors import AgreementError, SchemaError, SignatureError
from features.moment import to_datetime, to_moment
from models.agreement.agreement import Role
from models.agreement.read import parse_agreement
from models.agreement.signing import check_signatures, content_hash, signed_text, unsigned_by
from service.agreed import make_agreed
from service.api.preview import MOST_CHARACTERS, checked
from service.api.schemas import ErrorOut
from service.context import context_of
from service.errors import ConflictError, ForbiddenError
from service.parts import Parts
from service.store.agreements import (
    FROM_FILE,
    KeptAgreement,
    activate_agreement,
    add_draft,
    read_agreement,
    read_agreements,
    sign_agreement,
)

ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": ErrorOut, "description": "The key is not of that side."},
    404: {"model": ErrorOut, "description": "No such agreement is kept, or there is no store."},
    409: {"model": ErrorOut, "description": "The version stands for something else."},
    422: {"model": ErrorOut, "description": "The agreement is not what was expected."},
    503: {"model": ErrorOut, "description": "No model, or no database; try again later."},
}
DRAFT = "draft"
MOST_WHY = 1000
Version = Annotated[str, Path(min_length=1, max_length=200)]
State = Literal["draft", "signed", "active", "past"]


class DraftIn(BaseModel):
    """An agreement as it would stand in its file."""

    model_config = ConfigDict(extra="forbid")

    agreement: Annotated[str, Field(max_length=MOST_CHARACTERS, description="TOML")]
    why: Annotated[
        str | None, Field(max_length=MOST_WHY, description="For those who read it later.")
    ] = None


class SignIn(BaseModel):
    """Who signs, and for which side."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    name: Annotated[str, Field(min_length=1, max_length=200)]


class SignatureOut(BaseModel):
    """Who has signed."""

    name: str
    role: Role
    date: date


class AgreementOut(BaseModel):
    """An agreement that is kept."""

    version: str
    state: State
    hash: str
    created_at: datetime
    created_by: str | None
    why: Annotated[str | None, Field(description="As whoever drafted it said.")]
    activated_at: datetime | None
    activated_by: str | None
    signatures: list[SignatureOut]
    not_signed_by: list[Role]
    agreement: Annotated[str, Field(description="TOML, as it was written.")]


class AgreementsOut(BaseModel):
    """All agreements of the dataset, the newest first."""

    agreements: list[AgreementOut]


def agreements_router(parts: Parts) -> APIRouter:
    """Return the routes of agreements that are kept."""
    router = APIRouter(tags=["agreement"], responses=ERRORS)

    # no coroutines: the database may take its time
    @router.get("/agreements", response_model=AgreementsOut, summary="All agreements")
    def listed() -> dict[str, Any]:
        return {"agreements": all_agreements(parts)}

    @router.post("/agreements", response_model=AgreementOut, summary="Draft a new version")
    def draft(request: Request, said: DraftIn) -> dict[str, Any]:
        return told(parts, drafted(parts, said, context_of(request).key))

    @router.post(
        "/agreements/{version}/sign", response_model=AgreementOut, summary="Sign for one side"
    )
    def sign(request: Request, version: Version, said: SignIn) -> dict[str, Any]:
        check_side(request.scope.get("key"), said.role)
        return told(parts, signed(parts, version, said, context_of(request).key))

    @router.post(
        "/agreements/{version}/activate",
        response_model=AgreementOut,
        summary="Let an agreement decide that both sides have signed",
    )
    def activate(request: Request, version: Version) -> dict[str, Any]:
        return told(parts, activated(parts, version, context_of(request).key))

    return router


def all_agreements(parts: Parts) -> list[dict[str, Any]]:
    """Return all agreements of the dataset as they are answered, the newest first."""
    dataset = dataset_of(parts)
    found = parts.require_store().reading(lambda c: read_agreements(c, dataset))
    return [told(parts, one) for one in found]


def drafted(parts: Parts, said: DraftIn, who: str | None) -> KeptAgreement:
    """Keep a draft; return what is kept of its version.

    Raises
    ------
    SchemaError
        When it is no agreement about what the model is about.
    ConflictError
        When its version stands for another content.
    """
    try:
        new = checked(said.agreement, parts.holder.served.scorer)
        check_signatures(new, allow_unsigned=True)
    except (AgreementError, SignatureError) as error:
        raise SchemaError(str(error)) from None
    now = to_moment(parts.clock())
    why = (said.why or "").strip() or None
    content = (new.dataset, content_hash(new), new.version, said.agreement)
    kept = KeptAgreement(*content, now, who, why=why)
    parts.require_store().changing(lambda c: add_draft(c, kept))
    return stored(parts, new.version)


def signed(parts: Parts, version: str, said: SignIn, who: str | None) -> KeptAgreement:
    """Add a signature; return what is kept then.

    Raises
    ------
    ConflictError
        When that side has signed already.
    """
    now, before = parts.clock(), stored(parts, version)
    day = now.astimezone(UTC).date()
    try:
        text = signed_text(before.text, DRAFT, name=said.name, role=said.role, day=day)
    except AgreementError as error:
        raise ConflictError(str(error)) from None
    after = before._replace(text=text)
    parts.require_store().changing(
        lambda c: sign_agreement(c, after, to_moment(now), who, said.role)
    )
    return after


def activated(parts: Parts, version: str, who: str | None) -> KeptAgreement:
    """Let an agreement decide; return what is kept then.

    Raises
    ------
    ConflictError
        When a side has not signed.
    SchemaError
        When its lines cannot be had with this model.
    """
    chosen, now = stored(parts, version), parts.clock()
    check_usable(parts, chosen)
    parts.require_store().changing(lambda c: activate_agreement(c, chosen, to_moment(now), who))
    parts.holder.refresh_agreement(parts.settings, now.date())
    return stored(parts, version)


def dataset_of(parts: Parts) -> str:
    """Return what the model is about."""
    return parts.holder.served.scorer.manifest.dataset


def stored(parts: Parts, version: str) -> KeptAgreement:
    """Return the newest agreement of a version.

    Raises
    ------
    NotFoundError
        When there is none, or no store.
    """
    dataset = dataset_of(parts)
    return parts.require_store().reading(lambda c: read_agreement(c, dataset, version))


def check_side(key: Any, role: str) -> None:
    """Make sure that a key may sign for a side; without keys everybody may.

    Raises
    ------
    ForbiddenError
        When it is of another one.
    """
    if key is not None and key.role != role:
        raise ForbiddenError(f"role: this key is not of {role}")


def check_usable(parts: Parts, chosen: KeptAgreement) -> None:
    """Make sure that both sides have signed, and that the model has what it needs.

    Raises
    ------
    ConflictError
        When a side has not signed.
    SchemaError
        When its lines cannot be had with this model.
    """
    scorer = parts.holder.served.scorer
    try:
        agreement = checked(chosen.text, scorer)
        absent = unsigned_by(agreement)
        if absent:
            raise ConflictError(f"version: is not signed by {' and '.join(absent)}")
        make_agreed(agreement, scorer, unsigned=False)
    except AgreementError as error:
        raise SchemaError(str(error)) from None


def told(parts: Parts, kept: KeptAgreement) -> dict[str, Any]:
    """Return an agreement as it is answered."""
    agreement = parse_agreement(kept.text, DRAFT)
    return {
        "version": kept.version,
        "state": state_of(parts, kept, signed=not unsigned_by(agreement)),
        "hash": kept.hash,
        "created_at": to_datetime(kept.created_at),
        "created_by": kept.created_by,
        "why": kept.why,
        "activated_at": None if kept.activated_at is None else to_datetime(kept.activated_at),
        "activated_by": kept.activated_by,
        "signatures": [signature_out(one) for one in agreement.signatures],
        "not_signed_by": list(unsigned_by(agreement)),
        "agreement": kept.text,
    }


def signature_out(signature: Any) -> Mapping[str, Any]:
    """Return a signature as it is answered."""
    return {name: getattr(signature, name) for name in ("name", "role", "date")}


def state_of(parts: Parts, kept: KeptAgreement, *, signed: bool) -> State:
    """Return how far an agreement has come."""
    agreed = parts.holder.served.agreed
    if kept.hash == agreed.hash:
        return "active"
    if kept.activated_at is not None or kept.created_by == FROM_FILE:
        return "past"
    return "signed" if signed else "draft"
