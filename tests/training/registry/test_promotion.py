import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from features.arrays import FloatArray
from features.errors import AgreementError
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from tests.training.gate.judged import bent, make_twins, true_rates
from tests.training.registry.store import DATASET, Store
from training import promote, rollback
from training.errors import GateError, TrainingError
from training.gate.twins import Twins
from training.registry.export import export_challenger, export_champion, export_version
from training.registry.version import Version

pytestmark = pytest.mark.filterwarnings("ignore")  # mlflow warns about itself

NOW = datetime(2026, 3, 2, tzinfo=UTC)
# the machine that tests may be busy
PATIENT = "--set=gate.latency_ms=1000"
TESTED = 100
"""Reference leads of the bundle that are of the test."""


def asked(store: Store, *more: str) -> int:
    return promote.main(["--dataset", DATASET, "--bundles", str(store.artifacts), PATIENT, *more])


def taken_back(store: Store) -> int:
    return rollback.main(["--dataset", DATASET, "--bundles", str(store.artifacts)])


def champion(store: Store) -> Version:
    return store.registry.require_champion(DATASET)


def deployment(store: Store) -> dict[str, Any]:
    folder = ArtifactFolder(store.artifacts).champion(DATASET)
    found: dict[str, Any] = json.loads((folder / "deployment.json").read_text("utf-8"))
    return found


def first(truth: FloatArray) -> Twins:
    return make_twins(truth, None, truth)


def beside(own: FloatArray, other: FloatArray, truth: FloatArray, version: str = "1") -> Twins:
    tested = {"model": own[:TESTED], "champion": other[:TESTED]}
    return replace(make_twins(own, other, truth), champion=version, tested=tested)


def test_a_better_challenger_answers_and_its_bundle_says_why(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    assert deployment(store)["comparison"] is None
    store.add(beside(truth, bent(truth, 0.7), truth))
    capsys.readouterr()
    assert asked(store, "--approve-volume") == 0
    said = capsys.readouterr().out
    assert said.startswith("gate: passed\n")
    assert "factory version 2 passed the gate; it answers instead of version 1" in said
    now = champion(store)
    assert (now.version, now.gate, now.replaced) == ("2", "passed", "1")
    with pytest.raises(TrainingError, match="dataset factory has no challenger"):
        store.registry.require_challenger(DATASET)
    found = deployment(store)
    assert (found["version"], found["gate"], found["reason"]) == ("2", "passed", None)
    assert found["comparison"]["champion"] == "1"
    assert found["comparison"]["log loss"]["verdict"] == "better"
    assert {check["result"] for check in found["checks"]} == {"passed"}


def test_a_refusal_leaves_the_champion_and_says_what_failed(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(bent(truth, 1.0, 1.0), truth, truth))
    capsys.readouterr()
    assert asked(store, "--approve-volume") == 2
    said = capsys.readouterr()
    assert "log loss          FAILED      +0." in said.out
    assert said.err.startswith("error: factory version 2 does not pass the gate: ")
    assert "log loss failed: +0." in said.err
    assert said.err.count("\n") == 1
    assert champion(store).version == "1"
    assert deployment(store)["version"] == "1"
    kept = store.registry.require_challenger(DATASET)
    assert (kept.version, kept.gate) == ("2", "failed")
    assert "log loss failed" in (kept.reason or "")


def test_what_cannot_be_told_is_refused_as_well(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    few = true_rates(150)
    store.add(first(few))
    assert asked(store) == 2
    assert "leads judged cannot tell: 150 later leads" in capsys.readouterr().err
    assert store.registry.champion(DATASET) is None
    assert store.registry.require_challenger(DATASET).gate == "cannot tell"


def test_force_needs_a_reason_and_records_it(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(bent(truth, 1.0, 1.0), truth, truth))
    assert asked(store, "--force", " ") == 2
    assert "--force is empty; expected the reason" in capsys.readouterr().err
    assert champion(store).version == "1"
    assert asked(store, "--force", "agreed with\nsales") == 0
    assert "factory version 2 forced (agreed with sales)" in capsys.readouterr().out
    now = champion(store)
    assert (now.version, now.gate, now.reason) == ("2", "forced", "agreed with sales")
    found = deployment(store)
    assert (found["gate"], found["reason"]) == ("forced", "agreed with sales")
    assert "failed" in {check["result"] for check in found["checks"]}


def test_a_pass_is_no_force(store: Store, truth: FloatArray) -> None:
    store.add(first(truth))
    assert asked(store, "--force", "to be sure") == 0
    assert (champion(store).gate, champion(store).reason) == ("passed", None)


def test_another_volume_needs_approval(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(truth, bent(truth, 0.5), truth))
    capsys.readouterr()
    assert asked(store) == 2
    error = capsys.readouterr().err
    assert "label volume failed" in error
    assert error.count("failed:") == 1
    assert asked(store, "--approve-volume") == 0
    assert deployment(store)["comparison"]["label volume"]["approved"] is True


def test_a_challenger_of_an_earlier_champion_must_be_trained_again(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(truth, truth, truth, version="7"))
    assert asked(store, "--force", "at once") == 2
    assert (
        "factory version 2 was judged when the champion was version 7, now it is version 1; "
        "train again"
    ) in capsys.readouterr().err
    assert champion(store).version == "1"


def test_rates_never_replace_a_model_not_even_by_force(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    silent = replace(
        beside(truth, truth, truth), basis="rates", own="channel_rate", no_signal=("weak",)
    )
    store.add(silent)
    assert asked(store, "--force", "at once") == 2
    assert "rates never replace a model that has it" in capsys.readouterr().err
    assert champion(store).version == "1"


def test_data_without_signal_does_not_pass(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = replace(
        make_twins(true_rates(3000, seed=9), None, truth),
        basis="rates",
        own="channel_rate",
        no_signal=("the lower bound of the ROC AUC is 0.472, expected over 0.5",),
    )
    store.add(noise)
    assert asked(store) == 2
    error = capsys.readouterr().err
    assert "signal failed: rates answer: the lower bound of the ROC AUC is 0.472" in error
    assert store.registry.champion(DATASET) is None


def test_rollback_goes_back_one_version_at_a_time(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    for version in ("1", "2"):
        store.add(beside(truth, truth, truth, version=version))
        assert asked(store) == 0
    capsys.readouterr()
    for version, left in (("2", "3"), ("1", "2")):
        assert taken_back(store) == 0
        said = capsys.readouterr().out
        assert f"factory version {version} answers again instead of version {left}" in said
        assert champion(store).version == version
        assert deployment(store)["version"] == version
    assert taken_back(store) == 2
    assert "version 1 is the first champion" in capsys.readouterr().err
    assert champion(store).version == "1"


def test_after_a_rollback_the_next_version_follows_the_one_that_answers(
    store: Store, truth: FloatArray
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    store.add(beside(truth, truth, truth))
    assert asked(store) == 0
    assert taken_back(store) == 0
    store.add(beside(truth, truth, truth, version="1"))
    assert asked(store) == 0
    assert (champion(store).version, champion(store).replaced) == ("3", "1")
    assert taken_back(store) == 0
    assert champion(store).version == "1"


def test_no_version_is_exported_past_the_gate(store: Store, truth: FloatArray) -> None:
    version = store.add(first(truth))
    artifacts = ArtifactFolder(store.artifacts)
    for gate in ("none", "failed", "cannot tell"):
        with pytest.raises(GateError, match=f"not exported: its gate is '{gate}', expected one of"):
            export_version(store.registry, replace(version, gate=gate), artifacts, NOW, None)
    assert not artifacts.version(DATASET, "1").exists()
    assert asked(store) == 0
    again = ArtifactFolder(store.folder / "elsewhere")
    assert export_champion(store.registry, DATASET, again, NOW, None).name == "1"


def test_a_challenger_beside_the_champion_says_after_its_promotion_that_it_may_answer(
    store: Store, truth: FloatArray
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    artifacts = ArtifactFolder(store.artifacts)
    version = store.add(beside(truth, truth, truth))
    export_challenger(store.registry, version, artifacts, NOW, None)
    challenger = artifacts.challenge(DATASET, "2")
    assert challenger is not None
    assert read_bundle(challenger).deployment.gate == "none"
    with pytest.raises(GateError, match="version 2 is not exported: its gate is 'none'"):
        export_version(store.registry, version, artifacts, NOW, None)
    assert asked(store) == 0
    assert artifacts.challenger(DATASET) is None
    answering = read_bundle(artifacts.champion(DATASET)).deployment
    assert (answering.version, answering.gate) == ("2", "passed")
    assert len(answering.checks) > 0


def test_a_promotion_that_cannot_be_written_changes_nothing(
    store: Store, truth: FloatArray
) -> None:
    store.add(first(truth))
    store.artifacts.write_text("in the way")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        asked(store)
    assert store.registry.champion(DATASET) is None
    assert store.registry.require_challenger(DATASET).version == "1"


def test_the_agreement_at_hand_counts_when_it_is_about_the_dataset(
    store: Store, truth: FloatArray, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "[lines]\nmql = { probability = 0.1 }\nsql = { probability = 0.3 }\n"
    version = Version(DATASET, "1", "run", "model", 0.25, "90")
    assert promote.find_agreement(None, version).version == "default"
    Path("agreement.toml").write_text(f'dataset = "other"\nversion = "5"\n{lines}')
    assert promote.find_agreement(None, version).version == "default"
    with pytest.raises(AgreementError, match="about the dataset 'other', the challenger about"):
        promote.find_agreement(Path("agreement.toml"), version)
    Path("agreement.toml").write_text(f'dataset = "{DATASET}"\nversion = "5"\n{lines}')
    assert promote.find_agreement(None, version).version == "5"


def test_without_a_challenger_there_is_nothing_to_promote(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(store) == 2
    assert "dataset factory has no challenger; expected one, from training" in (
        capsys.readouterr().err
    )
    assert taken_back(store) == 2
    assert "dataset factory has no champion" in capsys.readouterr().err


def test_the_alias_of_the_champion_moves_in_one_place_only() -> None:
    training = Path(promote.__file__).parent
    moving = {
        path.name
        for path in training.rglob("*.py")
        if re.search(
            r"\.point\(\s*CHAMPION|set_registered_model_alias\([^)]*CHAMPION",
            path.read_text("utf-8"),
        )
    }
    assert moving == {"promotion.py"}
