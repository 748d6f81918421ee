"""Changes of the sample CRM are noticed by `python -m training.monitor`."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from models.bundle.read import read_bundle
from models.monitor.budget import Budget
from models.monitor.inputs import check_emptied
from models.monitor.reference import reference_of
from models.scorer import Scorer
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.monitor import main, observe

LAST = 400
BUDGET = Budget()


@pytest.fixture(scope="module")
def emptied(simulated_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the leads file with the industry of the newest leads emptied."""
    with (simulated_export / "leads.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in sorted(rows, key=lambda one: one["created_at"])[-LAST:]:
        row["industry"] = ""
    path = tmp_path_factory.mktemp("emptied") / "leads.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_an_emptied_field_of_the_sample_is_named(
    trained_bundle: Path,
    simulated_mapping: Path,
    simulated_export: Path,
    emptied: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--bundle", str(trained_bundle), "--mapping", str(simulated_mapping)]
    options += ["--activities", str(simulated_export / "activities.csv")]
    options += ["--history", str(simulated_export / "history.csv")]
    assert main([*options, "--leads", str(emptied), "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)["checks"]
    found = [one for one in checks if one["check"] == "emptied" and one["verdict"] != "fine"]
    assert [(one["subject"], one["verdict"]) for one in found] == [("industry", "act")]
    assert found[0]["figures"]["noticed_leads_ago"] >= LAST - 100
    assert main([*options, "--leads", str(emptied)]) == 0
    assert "repair the form or the connector" in capsys.readouterr().out


def test_the_sample_as_it_is_has_no_emptied_field(
    trained_bundle: Path, simulated_mapping: Path, simulated_export: Path
) -> None:
    scorer = Scorer(read_bundle(trained_bundle))
    export = read_export(simulated_export / "leads.csv", load_mapping(simulated_mapping))
    observed = observe(scorer, export)
    assert np.all(np.diff(observed.at) >= 0)
    found = check_emptied(reference_of(scorer), observed, BUDGET, int(observed.at[-1]))
    assert [one.state for one in found] == ["fine"]


def test_a_moment_that_is_none_is_refused(
    trained_bundle: Path,
    simulated_mapping: Path,
    simulated_export: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--bundle", str(trained_bundle), "--mapping", str(simulated_mapping)]
    options += ["--leads", str(simulated_export / "leads.csv"), "--now", "soon"]
    assert main(options) == 2
    assert "--now soon" in capsys.readouterr().err
