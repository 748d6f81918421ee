"""Changes of the sample CRM are noticed by `python -m training.monitor`."""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from training.score import main as score

LAST = 400
BUDGET = Budget()
AGREEMENT = """dataset = "simulated"
version = "1"
[lines]
mql = { lift = 1 }
sql = { lift = 4 }
[service.MQL]
first_contact_minutes = 60
least_attempts = 3
"""
HORIZON = timedelta(days=90)
Row = Mapping[str, str]


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


@pytest.fixture(scope="module")
def scored(
    trained_bundle: Path,
    simulated_mapping: Path,
    simulated_export: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a folder with leads, their scores as they came, an agreement and verdicts of sales."""
    folder = tmp_path_factory.mktemp("scored")
    for name in ("leads.csv", "activities.csv", "history.csv"):
        (folder / name).symlink_to(simulated_export / name)
    text = simulated_mapping.read_text(encoding="utf-8")
    named = text.replace("[files]", '[files]\nfeedback = "feedback.csv"')
    (folder / "mapping.toml").write_text(named, encoding="utf-8")
    (folder / "agreement.toml").write_text(AGREEMENT, encoding="utf-8")
    options = ["--bundle", str(trained_bundle), "--leads", str(folder / "leads.csv"), "--quiet"]
    options += ["--mapping", str(simulated_mapping), "--out", str(folder / "scored.csv")]
    options += ["--agreement", str(folder / "agreement.toml"), "--as-of", "created"]
    assert score([*options, "--reasons", "0"]) == 0
    lines = ["lead_id,accepted,code"]
    for number, row in enumerate(rows_of(folder / "leads.csv")):
        code = ("", "no_need", "cannot_be_reached")[number % 3]
        lines.append(f"{row['lead_id']},{'false' if code else 'true'},{code}")
    (folder / "feedback.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def within(row: Row, name: str, most: timedelta) -> bool:
    return bool(row[name]) and day(row[name]) - day(row["created_at"]) <= most


def test_promises_are_watched_in_a_scored_file(
    trained_bundle: Path, scored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leads, labels = rows_of(scored / "leads.csv"), rows_of(scored / "scored.csv")
    mql = [row for row, one in zip(leads, labels, strict=True) if one["label"] == "MQL"]
    now = max(day(row["created_at"]) for row in leads) - timedelta(days=1)
    options = ["--bundle", str(trained_bundle), "--leads", str(scored / "leads.csv"), "--json"]
    options += ["--scores", str(scored / "scored.csv"), "--now", now.isoformat()]
    assert main(options) == 0
    found = json.loads(capsys.readouterr().out)
    checks: dict[str, Any] = {
        one["check"]: one["figures"] for one in found["checks"] if one["subject"] == "MQL"
    }
    ripe = [row for row in mql if now - HORIZON - timedelta(180) <= day(row["created_at"])]
    ripe = [row for row in ripe if day(row["created_at"]) <= now - HORIZON]
    won = sum(row["outcome"] == "won" and within(row, "outcome_at", HORIZON) for row in ripe)
    assert (checks["precision"]["leads"], checks["precision"]["kept_share"]) == (
        len(ripe),
        won / len(ripe),
    )
    new = [row for row in mql if now - timedelta(30) <= day(row["created_at"]) < now]
    known = [row for row in new if day(row["created_at"]) < now - timedelta(days=1)]
    soon = sum(within(row, "first_contact_at", timedelta(minutes=60)) for row in known)
    assert (checks["contact"]["leads"], checks["contact"]["kept_share"]) == (
        len(known),
        soon / len(known),
    )
    said = {row["lead_id"]: row["code"] for row in rows_of(scored / "feedback.csv")}
    accepted = sum(said[row["lead_id"]] == "" for row in new)
    assert (checks["acceptance"]["leads"], checks["acceptance"]["kept_share"]) == (
        len(new),
        accepted / len(new),
    )
    given_up = [row for row in known if said[row["lead_id"]] == "cannot_be_reached"]
    enough = sum(float(row["attempts"] or 0) >= 3 for row in given_up)
    assert (checks["attempts"]["leads"], checks["attempts"]["kept_share"]) == (
        len(given_up),
        enough / len(given_up),
    )


def test_wins_of_a_scored_file_are_held_against_what_it_predicted(
    trained_bundle: Path, scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--bundle", str(trained_bundle), "--leads", str(scored / "leads.csv"), "--json"]
    halved = tmp_path / "halved.csv"
    rows = rows_of(scored / "scored.csv")
    with halved.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"probability": str(float(row["probability"]) / 8)})
    concept = []
    for path in (scored / "scored.csv", halved):
        assert main([*options, "--scores", str(path)]) == 0
        checks = json.loads(capsys.readouterr().out)["checks"]
        concept.append(next(one["figures"] for one in checks if one["check"] == "concept"))
    assert concept[0]["wins"] == concept[1]["wins"] > 0
    assert concept[1]["predicted_rate"] == pytest.approx(concept[0]["predicted_rate"] / 8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--leads": "absent/leads.csv"}, "mapping.toml is not there; expected it, or another"),
        ({"--scores": "activities.csv"}, "activities.csv: has no column 'as_of'"),
        ({"--bundles": "."}, "has no champion of 'simulated'; expected one, or a --bundle"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    scored: Path,
    changes: dict[str, str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    trained_bundle: Path,
) -> None:
    options = {"--leads": "leads.csv"} | changes
    if "--bundles" not in changes:
        options["--bundle"] = str(trained_bundle)
    told = [part for name, value in options.items() for part in (name, str(scored / value))]
    assert main(told) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
