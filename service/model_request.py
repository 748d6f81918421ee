"""Asking that another version answers; a training process carries it out."""

from features.errors import SchemaError
from models.bundle.folder import NAME, ArtifactFolder
from models.bundle.request import MOST_REASON_CHARACTERS, Action, ModelRequest
from models.bundle.request_folder import RequestFolder, request_id_of
from service.errors import ConflictError, StoreError
from service.parts import Parts
from service.settings import Settings
from service.store.keys import Key

MOST_OPEN = 20


def request_folder(settings: Settings) -> RequestFolder:
    """Return where the requests of the served dataset are.

    Raises
    ------
    BundleError
        When it is not clear which dataset is served.
    """
    artifacts = ArtifactFolder(settings.artifacts)
    return RequestFolder(artifacts, settings.dataset or artifacts.only_dataset())


def ask_for_version(
    parts: Parts, action: Action, version: str, reason: str, key: Key | None
) -> ModelRequest:
    """Leave a request; return it. Nothing changes before training has carried it out.

    Parameters
    ----------
    action : "promote", "rollback" or "fetch"
    version : str
        The challenger that shall answer; the champion that shall not answer any more; an
        earlier one whose bundle shall be there again.
    reason : str
        Why, for those who look at it later.
    key : Key or None
        The asker's, None where no key is needed.

    Raises
    ------
    SchemaError
        When the version is no name of one, or there is no reason.
    ConflictError
        When the same was asked for already, or too much is.
    StoreError
        When it cannot be written.
    """
    why = " ".join(reason.split())
    if not NAME.fullmatch(version):
        raise SchemaError("version: expected the name of a version: letters, digits, . _ -")
    if not 0 < len(why) <= MOST_REASON_CHARACTERS:
        raise SchemaError(f"reason: expected one of 1 to {MOST_REASON_CHARACTERS} characters")
    folder, now = request_folder(parts.settings), parts.clock()
    waiting = folder.open()
    if any((one.action, one.version) == (action, version) for one in waiting):
        raise ConflictError(f"version: to {action} {version} was asked for already")
    if len(waiting) >= MOST_OPEN:
        raise ConflictError(f"{len(waiting)} requests wait already: make deploy REQUESTS=1")
    who, role = (None, None) if key is None else (key.name, key.role)
    asked = ModelRequest(request_id_of(now), action, version, who, role, now.isoformat(), why)
    try:
        folder.keep(asked)
    except OSError as error:
        raise StoreError(f"the request cannot be written: {error.strerror}") from None
    return asked


def ask_for_bundle(parts: Parts, version: str, reason: str, key: Key | None) -> ModelRequest:
    """Return the request that the bundle of an earlier version be brought back.

    The last one about it unless that is done: what waits need not be asked for again, and what
    was refused is asked for again by people only.

    Raises
    ------
    SchemaError, ConflictError, StoreError
        As `ask_for_version`.
    """
    about = (one for one in request_folder(parts.settings).all() if one.version == version)
    last = next((one for one in about if one.action == "fetch"), None)
    if last is not None and last.status != "done":
        return last
    return ask_for_version(parts, "fetch", version, reason, key)
