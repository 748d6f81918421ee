"""Promises of `python -m training.agreement`: from a proposal to signed lines."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from features.errors import SchemaError
from features.moment import DAY, NEVER
from models.agreement.read import load_agreement
from models.agreement.signing import check_signatures
from models.bundle.read import read_bundle
from models.preview.resolve import resolve, stored_lines
from models.scorer import Scorer
from tests.conftest import FAST
from training.agreement.__main__ import main
from training.agreement.recent import recent_leads
from training.agreement.suggest import lines_by_lift, past_of
from training.agreement.verdicts import read_verdicts
from training.config import TrainingConfig
from training.config_file import load_config
from training.data.export import OPEN, Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.mapping import main as draft_command


@pytest.fixture(scope="module")
def config() -> TrainingConfig:
    return load_config(None, list(FAST))


@pytest.fixture(scope="module")
def config_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text("[splitting]\norigins = 2\nleast_outcomes = 20\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def export(simulated_export: Path, simulated_mapping: Path) -> Export:
    return read_export(simulated_export / "leads.csv", load_mapping(simulated_mapping))


@pytest.fixture(scope="module")
def arguments(simulated_export: Path, simulated_mapping: Path) -> list[str]:
    leads = simulated_export / "leads.csv"
    return ["--leads", str(leads), "--mapping", str(simulated_mapping), "--quiet"]


@pytest.fixture(scope="module")
def draft(
    arguments: list[str],
    config_file: Path,
    trained_bundle: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    out = tmp_path_factory.mktemp("draft") / "draft.toml"
    given = ["--bundle", str(trained_bundle), "--config", str(config_file), "--out", str(out)]
    assert main(["suggest", *arguments, *given]) == 0
    return out


def test_a_proposal_says_where_its_figures_come_from(draft: Path) -> None:
    text = draft.read_text("utf-8")
    for said in ("training slice", "Benjamini-Hochberg", "calibration leads:", "test leads:"):
        assert said in text
    assert re.search(r"# \d+ of \d+ won, \d+\.\d% \(", text)


def test_a_proposal_names_only_what_the_dataset_has(draft: Path, export: Export) -> None:
    text = draft.read_text("utf-8")
    attributes = set(re.findall(r'^(?:# )?attribute = "(.+)"', text, re.MULTILINE))
    kinds = set(re.findall(r'^activity = "(.+)"', text, re.MULTILINE))
    assert attributes <= set(export.attributes)
    assert kinds <= set(map(str, export.activities.kinds))
    assert not kinds & {"call_logged", "email_sent"}


def test_a_proposal_speaks_both_languages(
    draft: Path, arguments: list[str], config_file: Path, trained_bundle: Path, tmp_path: Path
) -> None:
    out = tmp_path / "zh.toml"
    given = ["--bundle", str(trained_bundle), "--config", str(config_file), "--out", str(out)]
    assert main(["suggest", *arguments, *given, "--language", "zh"]) == 0
    assert load_agreement(out) == load_agreement(draft)
    assert "理想客户" in out.read_text("utf-8")


def test_criteria_come_from_leads_older_than_those_that_draw_lines(
    export: Export, config: TrainingConfig, simulated_mapping: Path, trained_bundle: Path
) -> None:
    bundle = read_bundle(trained_bundle)
    past = past_of(export, load_mapping(simulated_mapping), config, bundle, None)
    assert past.leads.created_at.max() < bundle.reference.windows["calibration"].first
    assert past.leads.n_leads == past.looks.n_leads > 200


def test_a_draft_is_never_written_over(
    draft: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", *arguments, "--out", str(draft)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_from_draft_to_signed_lines(
    draft: Path, trained_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, bundle = tmp_path / "agreement.toml", tmp_path / "bundle"
    shutil.copy(draft, file)
    shutil.copytree(trained_bundle, bundle)
    for role in ("marketing", "sales"):
        given = ["--role", role, "--name", "Kim", "--date", "2026-03-02"]
        assert main(["sign", str(file), *given]) == 0
    assert "still to sign: nobody" in capsys.readouterr().out
    agreement = load_agreement(file)
    assert check_signatures(agreement)
    assert main(["sign", str(file), "--role", "sales", "--name", "Lee"]) == 2
    assert main(["lines", str(file), "--bundle", str(bundle), "--quiet"]) == 0
    kept = read_bundle(bundle)
    manifest = kept.manifest
    found = resolve(agreement, kept.reference, manifest.anchor, manifest.space)
    assert stored_lines(agreement, kept.lines) == found
    assert (bundle / "manifest.json").read_bytes() == (
        trained_bundle / "manifest.json"
    ).read_bytes()


def test_volumes_that_move_wait_for_approval(
    draft: Path, trained_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        shutil.copytree(trained_bundle, folder)
    assert main(["lines", str(draft), "--bundle", str(before), "--quiet"]) == 0
    stored = json.loads((before / "lines.json").read_text("utf-8"))
    for line in stored["1"]["resolved"]:
        line["test"]["per_week"] *= 2
    (before / "lines.json").write_text(json.dumps(stored), encoding="utf-8")
    from models.bundle.checksums import write_sums

    write_sums(before, None)
    again = ["lines", str(draft), "--bundle", str(after), "--before", str(before), "--quiet"]
    assert main(again) == 2
    assert "volumes move by over 10 %" in capsys.readouterr().err
    assert read_bundle(after).lines == {}
    assert main([*again, "--approve"]) == 0
    assert "1" in read_bundle(after).lines


def test_a_preview_as_text_json_and_picture(
    draft: Path,
    arguments: list[str],
    trained_bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = draft.read_text("utf-8")
    new, picture = tmp_path / "new.toml", tmp_path / "effect.svg"
    changed = re.sub(r"sql = \{ lift = 4 \}", "sql = { lift = 6 }", text)
    new.write_text(changed.replace('version = "1"', 'version = "2"'), encoding="utf-8")
    given = ["preview", str(new), "--against", str(draft), "--bundle", str(trained_bundle)]
    assert main([*given, *arguments, "--picture", str(picture)]) == 0
    shown = capsys.readouterr().out
    assert "recent leads" in shown
    assert "under today's way of working" in shown
    assert picture.read_text("utf-8").startswith("<svg")
    assert main([*given, *arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["moved"]) == found["recent"]["moved"]
    assert all(one["lead_id"].startswith("L-") for one in found["moved"])
    sql = {name: found["test"][name]["labels"][3]["leads"] for name in ("new", "old")}
    assert sql["new"] < sql["old"]


def test_recent_leads_are_those_that_no_model_learned_from(
    export: Export, trained_bundle: Path
) -> None:
    scorer = Scorer(read_bundle(trained_bundle))
    found = recent_leads(export, scorer)
    assert found is not None
    looked, row = found
    created = looked.leads.created_at
    assert (created > export.data_end - 90 * DAY).all()
    assert (looked.leads.as_of <= export.data_end).all()
    own = row[looked.lead]
    closed = np.where(export.outcome == OPEN, NEVER, export.outcome_at)[own]
    later = looked.leads.as_of > created
    assert later.any()
    assert ((closed == NEVER) | (looked.leads.as_of < closed))[later].all()
    assert np.isnan(looked.won).all()
    scored = scorer.score(looked.leads, looked.activities, explain=False)
    assert np.array_equal(scored.probability, looked.probability)


def test_verdicts_of_sales_stand_beside_their_leads(export: Export, tmp_path: Path) -> None:
    file = tmp_path / "feedback.csv"
    first, second = export.lead_id[:2]
    file.write_text(f"lead_id,accepted\n{first},yes\n{second},false\n", encoding="utf-8")
    found = read_verdicts(file, export)
    assert found[:2].tolist() == [1.0, 0.0]
    assert np.isnan(found[2:]).sum() >= len(found) - 4
    file.write_text(f"lead_id,accepted\n{first},perhaps\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="1 rows are neither yes nor no"):
        read_verdicts(file, export)


@pytest.mark.parametrize("line", ["SQL", "SQL=much", "sql=3", "SQL=-1"])
def test_a_line_that_cannot_be_read_is_one_clear_error(
    line: str, arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.toml"
    assert main(["suggest", *arguments, "--capacity", line, "--out", str(out)]) == 2
    assert "expected MQL or SQL once each" in capsys.readouterr().err
    assert not out.exists()


def test_the_mapping_command_offers_a_first_agreement_of_what_the_file_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(1)
    rows = ["Id,Created,Industry,Stage"]
    for i in range(3000):
        trade = rng.integers(0, 3)
        won = rng.random() < (0.5 if trade == 1 else 0.15)
        day = f"2024-{1 + i // 300:02d}-{1 + i % 28:02d}"
        rows.append(
            f"{i},{day},{('Retail', 'Software', 'Steel')[trade]},{'won' if won else 'lost'}"
        )
    file = tmp_path / "leads.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    mapping, agreement = tmp_path / "mapping.toml", tmp_path / "agreement.toml"
    given = ["--out", str(mapping), "--agreement", str(agreement)]
    assert draft_command([str(file), *given]) == 0, capsys.readouterr().err
    found = load_agreement(agreement)
    assert found.icp is not None
    assert [one.condition.about for one in found.icp.criteria] == ["industry"]
    assert draft_command([str(file), "--agreement", str(tmp_path / "other.toml")]) == 1
    assert "expected --out too" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("base", "mql", "sql"), [(0.05, 2.0, 4.0), (0.385, 1.79, 2.19), (0.9, 1.05, 1.08)]
)
def test_lines_by_lift_stay_probabilities_where_wins_are_frequent(
    base: float, mql: float, sql: float
) -> None:
    found = lines_by_lift(base)
    assert (found["MQL"].value, found["SQL"].value) == (mql, sql)
    assert base < mql * base < sql * base < 1.0
