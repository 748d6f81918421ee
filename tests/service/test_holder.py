"""Which model and which agreement answer."""

from datetime import date
from pathlib import Path

import pytest

from features.errors import AgreementError, BundleError, SignatureError
from service.errors import NotReadyError
from service.holder import ModelHolder, load_served
from service.settings import Settings
from tests.factories import make_bundle, write_champion

TODAY = date(2026, 1, 2)
AGREEMENT = """dataset = "{dataset}"
version = "7"
[lines]
mql = {{ probability = 0.2 }}
sql = {{ probability = 0.4 }}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def agreement(folder: Path, dataset: str) -> Path:
    path = folder / "agreement.toml"
    path.write_text(AGREEMENT.format(dataset=dataset))
    return path


def test_the_agreement_of_the_dataset_draws_the_lines(artifacts: Path, here: Path) -> None:
    agreement(here, "factory")
    served = load_served(Settings(artifacts=artifacts), TODAY)
    assert (served.agreement.version, served.lines.mql) == ("7", 0.2)
    assert "not signed by marketing and sales" in served.warnings[0]


def test_without_an_agreement_the_lines_follow_from_the_anchor(artifacts: Path, here: Path) -> None:
    served = load_served(Settings(artifacts=artifacts), TODAY)
    assert served.agreement.version == "default"
    assert served.lines.mql == pytest.approx(2 * served.scorer.manifest.anchor)
    assert "no agreement" in served.warnings[0]


def test_an_agreement_about_another_dataset_is_not_used(artifacts: Path, here: Path) -> None:
    path = agreement(here, "other")
    served = load_served(Settings(artifacts=artifacts), TODAY)
    assert served.agreement.version == "default"
    assert "about the dataset 'other'" in served.warnings[0]
    with pytest.raises(
        AgreementError, match="about the dataset 'other', the model about 'factory'"
    ):
        load_served(Settings(artifacts=artifacts, agreement=path), TODAY)


def test_a_named_agreement_must_be_there(artifacts: Path, here: Path) -> None:
    with pytest.raises(AgreementError, match="cannot be read"):
        load_served(Settings(artifacts=artifacts, agreement=here / "none.toml"), TODAY)


def test_with_a_key_only_signed_bundles_are_served(artifacts: Path, tmp_path: Path) -> None:
    key = "a key of the tests"
    with pytest.raises(SignatureError, match="not signed"):
        load_served(Settings(artifacts=artifacts, bundle_key=key), TODAY)
    write_champion(tmp_path, make_bundle(n_leads=400, trees=3), key=key.encode())
    served = load_served(Settings(artifacts=tmp_path, bundle_key=key), TODAY)
    assert served.model_version == "1"


def test_a_key_is_never_shown() -> None:
    assert "secret" not in repr(Settings(bundle_key="secret"))


def test_a_bundle_that_cannot_be_used_leaves_the_old_one(artifacts: Path, tmp_path: Path) -> None:
    holder = ModelHolder()
    with pytest.raises(NotReadyError, match="no model is loaded"):
        _ = holder.served
    holder.load(Settings(artifacts=artifacts), TODAY)
    before = holder.served
    holder.load(Settings(artifacts=tmp_path), TODAY)
    assert holder.served is before
    assert holder.problem is not None
    assert "no champion" in holder.problem


def test_several_datasets_need_a_choice(tmp_path: Path) -> None:
    for dataset in ("mine", "yours"):
        write_champion(tmp_path, make_bundle(n_leads=400, trees=3, dataset=dataset))
    with pytest.raises(BundleError, match=r"several datasets \(mine, yours\)"):
        load_served(Settings(artifacts=tmp_path), TODAY)
    served = load_served(Settings(artifacts=tmp_path, dataset="yours"), TODAY)
    assert served.about["dataset"] == "yours"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAD_SCORING_PORT", "9000")
    monkeypatch.setenv("LEAD_SCORING_DATASET", "mine")
    assert (Settings().port, Settings().dataset, Settings().host) == (9000, "mine", "127.0.0.1")


@pytest.mark.parametrize("text", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LEAD_SCORING_PORT", text)
    with pytest.raises(ValueError, match="port"):
        Settings()
