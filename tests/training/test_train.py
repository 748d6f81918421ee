import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.errors import ConfigError
from features.records import LeadRecord, assemble
from models.bundle.read import read_bundle
from models.scorer import Scorer, check_golden
from tests.conftest import FAST
from training.progress import silent
from training.train import main, parse, run

FIGURES = {"n", "base_rate", "roc_auc", "pr_auc", "log_loss", "brier", "ece", "lift_at_10"}


@pytest.fixture(scope="module")
def report(trained: Path) -> dict[str, Any]:
    return json.loads((trained / "report.json").read_text(encoding="utf-8"))


def options(export: Path, mapping: Path, out: Path) -> list[str]:
    found = ["--leads", str(export / "leads.csv"), "--mapping", str(mapping), "--out", str(out)]
    return [*found, "--no-register", "--quiet", *(f"--set={setting}" for setting in FAST)]


def test_the_report_holds_every_figure_of_test_and_baselines(report: dict[str, Any]) -> None:
    assert report["test"].keys() >= FIGURES
    rates, models = ("base_rate", "channel_rate"), ("logistic", "naive_bayes", "lightgbm_default")
    assert set(report["baselines"]) == {*rates, *models}
    for found in report["baselines"].values():
        assert found.keys() >= FIGURES
        assert found["n"] == report["test"]["n"]
    assert report["basis"] == "model"


def test_the_report_counts_what_was_left_out(report: dict[str, Any]) -> None:
    counts = report["counts"]
    assert counts["mature_leads"] + counts["immature_leads"] == counts["leads"]
    assert counts["immature_leads"] > 0
    assert counts["purged_rows"] > 0
    assert report["export"]["excluded"]


def test_the_model_beats_the_base_rate_on_later_leads(report: dict[str, Any]) -> None:
    assert report["test"]["log_loss"] < report["baselines"]["base_rate"]["log_loss"]
    assert report["test"]["roc_auc"] > 0.7


def test_the_anchor_is_the_base_rate_at_creation(report: dict[str, Any]) -> None:
    counts = report["counts"]
    assert report["anchor"] == pytest.approx(counts["won_leads"] / counts["mature_leads"])


def test_the_bundle_is_complete_and_reproduces_its_golden_leads(trained_bundle: Path) -> None:
    bundle = read_bundle(trained_bundle)
    check_golden(Scorer(bundle))
    assert len(bundle.golden.leads) == 21
    first = bundle.reference.first()
    assert first.n_rows == first.n_leads > 300
    assert bundle.histograms["n_rows"] > first.n_rows
    assert bundle.manifest.evidence.similar.sum() == first.n_rows
    assert bundle.deployment.version == "unregistered"


def test_the_bundle_names_no_lead_and_no_address(
    trained_bundle: Path, simulated_export: Path
) -> None:
    ids = re.compile(r"\bL-\d{7}\b")
    assert ids.search((simulated_export / "leads.csv").read_text(encoding="utf-8"))
    golden = (trained_bundle / "golden.json").read_text(encoding="utf-8")
    assert not ids.search(golden)
    assert "@" not in golden


def test_out_of_time_predictions_are_worth_what_the_bundle_says(trained_bundle: Path) -> None:
    reference = read_bundle(trained_bundle).reference.first()
    assert reference.probability.sum() == pytest.approx(reference.won.sum(), rel=0.15)
    won = reference.probability[reference.won].mean()
    assert won > 1.5 * reference.probability[~reference.won].mean()


def test_neither_threads_nor_where_features_stand_change_the_fingerprint(
    trained: Path, simulated_export: Path, simulated_mapping: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    again = options(simulated_export, simulated_mapping, tmp_path)
    in_files = ["--set=memory_mb=0", "--scratch", str(scratch)]
    assert main([*again, "--set=threads=2", *in_files]) == 0
    first, second = (
        json.loads((folder / "report.json").read_text("utf-8")) for folder in (trained, tmp_path)
    )
    assert first["fingerprint"] == second["fingerprint"]
    assert list(scratch.iterdir()) == []


def test_a_folder_that_cannot_hold_features_is_named(
    simulated_export: Path,
    simulated_mapping: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    again = options(simulated_export, simulated_mapping, tmp_path)
    absent = tmp_path / "absent"
    assert main([*again, "--set=memory_mb=0", "--scratch", str(absent)]) == 2
    assert f"features cannot be written to {absent}" in capsys.readouterr().err


def test_an_anchor_that_is_given_is_taken_over(
    simulated_export: Path, simulated_mapping: Path, tmp_path: Path
) -> None:
    arguments = [*options(simulated_export, simulated_mapping, tmp_path), "--anchor", "0.11"]
    assert main(arguments) == 0
    assert read_bundle(tmp_path / "bundle").manifest.anchor == 0.11


def test_without_signal_rates_answer(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    lines = ["id,at,channel,size,outcome"]
    lines += [
        f"{i},{i},{'web' if i % 2 else 'fair'},{generator.integers(1, 9)},"
        f"{'won' if generator.random() < 0.3 else 'lost'}"
        for i in range(1200)
    ]
    leads, mapping = tmp_path / "noise.csv", tmp_path / "noise.toml"
    leads.write_text("\n".join(lines), encoding="utf-8")
    mapping.write_text(
        'dataset = "noise"\n[leads]\nlead_id = "id"\norder = "at"\nchannel = "channel"\n'
        '[outcome]\ncolumn = "outcome"\nwon = ["won"]\nlost = ["lost"]\n'
        '[attributes.size]\ntype = "number"\nknown_at = "creation"\n',
        encoding="utf-8",
    )
    out = tmp_path / "out"
    found = ["--leads", str(leads), "--mapping", str(mapping), "--out", str(out)]
    assert main([*found, "--no-register", "--quiet"]) == 0
    bundle = read_bundle(out / "bundle")
    assert bundle.manifest.basis == "rates"
    assert bundle.deployment.gate == "rates"
    assert bundle.model_text is None
    assert bundle.report["no_signal"]
    assert "could not be checked" in bundle.report["maturity"]
    check_golden(Scorer(bundle))


def test_where_rates_answer_segments_have_their_own(tmp_path: Path) -> None:
    lines = ["id,at,channel,land,outcome"]
    lines += [
        f"{i},{i},web,{'Germany' if i % 2 else 'France'},"
        f"{'won' if i % 16 == 1 or i % 150 == 0 else 'lost'}"
        for i in range(480)
    ]
    leads, mapping = tmp_path / "few.csv", tmp_path / "few.toml"
    leads.write_text("\n".join(lines), encoding="utf-8")
    mapping.write_text(
        'dataset = "few"\n[leads]\nlead_id = "id"\norder = "at"\nchannel = "channel"\n'
        'segment = "land"\n[outcome]\ncolumn = "outcome"\nwon = ["won"]\nlost = ["lost"]\n'
        '[attributes.land]\ntype = "country"\nknown_at = "creation"\n',
        encoding="utf-8",
    )
    out = tmp_path / "out"
    found = ["--leads", str(leads), "--mapping", str(mapping), "--out", str(out)]
    assert main([*found, "--no-register", "--quiet"]) == 0
    bundle = read_bundle(out / "bundle")
    scorer = Scorer(bundle)
    check_golden(scorer)
    assert bundle.manifest.basis == "rates"
    records = [
        LeadRecord(name, 0, 0, "web", None, 1, {"land": name}, ())
        for name in ("Deutschland", "FR", "Norway")
    ]
    germany, france, norway = scorer.score(*assemble(records)).probability.tolist()
    assert germany > norway > france
    assert norway == pytest.approx(bundle.manifest.rates.base)
    told = bundle.report["procedure"]["rates"]["segment_offsets"]["segments"]
    assert [row["segment"] for row in told] == ["DE", "FR"]
    assert all(0.0 < row["weight"] < 1.0 for row in told)
    text = (out / "model-card.md").read_text(encoding="utf-8")
    assert "A lead's segment is its land. Rates of segments are" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--leads", "absent.csv"], "absent.csv: there is no such file"),
        (["--mapping", "absent.toml"], "absent.toml: there is no such mapping file"),
        (["--set", "boosting.leafs=3"], "boosting.leafs: no such setting"),
        (["--anchor", "2"], "--anchor is 2, expected a probability between 0 and 1"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    simulated_export: Path,
    simulated_mapping: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: list[str],
    message: str,
) -> None:
    assert main([*options(simulated_export, simulated_mapping, tmp_path), *change]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error


def test_leaving_nothing_behind_is_refused(simulated_export: Path, simulated_mapping: Path) -> None:
    arguments = ["--leads", str(simulated_export / "leads.csv"), "--no-register"]
    chosen = parse([*arguments, "--mapping", str(simulated_mapping)])
    with pytest.raises(ConfigError, match="expected --out DIR"):
        run(chosen, silent(), datetime.now(UTC), StringIO())
