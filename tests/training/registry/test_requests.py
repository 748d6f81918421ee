from datetime import UTC, datetime

import pytest

from features.arrays import FloatArray
from models.bundle.folder import ArtifactFolder
from models.bundle.request import Action, ModelRequest
from models.bundle.request_folder import RequestFolder, request_id_of
from tests.training.gate.judged import bent
from tests.training.registry.store import DATASET, Store
from tests.training.registry.test_promotion import PATIENT, asked, beside, champion, first
from training import deploy
from training.errors import RegistryAwayError
from training.registry.tracking import Registry

pytestmark = pytest.mark.filterwarnings("ignore")  # mlflow warns about itself

AT = datetime(2026, 3, 2, tzinfo=UTC)


def folder_of(store: Store) -> RequestFolder:
    return RequestFolder(ArtifactFolder(store.artifacts), DATASET)


def wanted(store: Store, action: Action, version: str) -> str:
    request_id = request_id_of(AT)
    said = (version, "anna", "analyst", AT.isoformat(), "agreed with sales")
    folder_of(store).keep(ModelRequest(request_id, action, *said))
    return request_id


def carried_out(store: Store) -> int:
    where = ["--dataset", DATASET, "--bundles", str(store.artifacts)]
    return deploy.main(["--requests", *where, PATIENT])


def became(store: Store, request_id: str) -> ModelRequest:
    [found] = [one for one in folder_of(store).all() if one.request_id == request_id]
    return found


def test_a_request_is_carried_out_by_the_gate_and_tells_its_checks(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(truth, truth, truth))
    up = wanted(store, "promote", "2")
    assert carried_out(store) == 0
    done = became(store, up)
    assert (done.status, done.asked_by) == ("done", "anna")
    assert done.told == "factory version 2 passed the gate; it answers instead of version 1"
    assert {check["result"] for check in done.checks} == {"passed"}
    assert champion(store).version == "2"
    assert ArtifactFolder(store.artifacts).champion(DATASET).name == "2"
    assert f"promote 2 done: {done.told}" in capsys.readouterr().out
    down = wanted(store, "rollback", "2")
    assert carried_out(store) == 0
    back = became(store, down)
    assert back.told == "factory version 1 answers again instead of version 2"
    assert (back.status, champion(store).version) == ("done", "1")
    assert carried_out(store) == 0  # nothing is open, nothing is done twice
    assert champion(store).version == "1"


def test_what_the_gate_refuses_stays_refused_with_its_checks(
    store: Store, truth: FloatArray
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(bent(truth, 1.0, 1.0), truth, truth))
    request_id = wanted(store, "promote", "2")
    assert carried_out(store) == 0
    refused = became(store, request_id)
    assert refused.status == "refused"
    assert "does not pass the gate: " in (refused.told or "")
    results = {check["name"]: check["result"] for check in refused.checks}
    assert results["log loss"] == "failed"
    assert champion(store).version == "1"


def test_a_request_that_things_have_gone_past_is_refused(store: Store, truth: FloatArray) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(truth, truth, truth))
    other, gone = wanted(store, "promote", "9"), wanted(store, "rollback", "7")
    first_one, again = wanted(store, "rollback", "1"), wanted(store, "promote", "1")
    assert carried_out(store) == 0
    assert became(store, other).told == "version 9 is not the challenger, factory version 2 is"
    assert became(store, gone).told == "version 7 does not answer, factory version 1 does"
    assert "is the first champion" in (became(store, first_one).told or "")
    assert became(store, again).told == "factory version 1 answers already"
    statuses = [became(store, one).status for one in (other, gone, first_one, again)]
    assert statuses == ["refused", "refused", "refused", "done"]


def test_while_the_registry_is_away_requests_stay_open(
    store: Store,
    truth: FloatArray,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    request_id = wanted(store, "rollback", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    nowhere = "http://kim:secret@127.0.0.1:9"
    with pytest.raises(RegistryAwayError, match="does not answer"):
        Registry(nowhere).champion(DATASET)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", nowhere)
    assert carried_out(store) == 2
    said = capsys.readouterr().err
    assert "http://127.0.0.1:9 does not answer (MlflowException); try again later" in said
    assert "secret" not in said
    assert became(store, request_id).status == "asked"
