"""The store comes out as files that training reads, with values as of each moment."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.column import Column
from features.moment import DAY
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from service.export import main
from service.settings import Settings
from tests.factories import make_request
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, serving
from training.data.export import WON, Export
from training.data.mapping import load_mapping
from training.data.read import read_export

LATE = "a1_number"


@pytest.fixture
def out(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> tuple[Path, str]:
    """Return the folder of an export, and the address of the store."""
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    return tmp_path / "out", url


def exported(out: Path) -> Export:
    assert main(["--out", str(out)]) == 0
    return read_export(out / "leads.csv", load_mapping(out / "mapping.toml"))


def known_at(export: Export, name: str, days: int) -> Column:
    """Return an attribute's values so many days after the creation."""
    assert export.history is not None
    as_of = export.created_at + days * DAY
    return export.history.at(name, export.lead, as_of, export.attributes[name])


def filled(settings: Settings, url: str, count: int = 6) -> list[dict[str, Any]]:
    """Store leads that came in, were filled in later by sales, and were closed."""
    leads = []
    with serving(settings, url) as client:
        for seed in range(1, count + 1):
            lead = make_request(seed) | {"lead_id": f"L-{seed}"}
            created = NOW - timedelta(days=40 + seed)
            lead |= {"created_at": created.isoformat(), "activities": []}
            late = {LATE: lead["attributes"].pop(LATE, None) or 7.0}
            soon = (created + timedelta(minutes=5)).isoformat()
            client.post("/score", json=lead | {"as_of": soon})
            later = (created + timedelta(days=20)).isoformat()
            client.post("/score", json={"lead_id": f"L-{seed}", "attributes": late, "as_of": later})
            outcome = "won" if seed % 2 else "lost"
            said = {"lead_id": f"L-{seed}", "outcome": outcome, "at": NOW.isoformat()}
            client.post("/outcomes", json=said)
            leads.append(lead)
    return leads


def test_a_field_that_is_filled_in_later_is_not_seen_before(
    settings: Settings, out: tuple[Path, str]
) -> None:
    folder, url = out
    filled(settings, url)
    export = exported(folder)
    today = {row["lead_id"]: row[LATE] for row in read_rows(folder / "leads.csv")}
    assert all(today.values())  # the current export shows it
    for days, known in ((0, False), (19, False), (21, True)):
        numbers = known_at(export, LATE, days)
        there = np.isfinite(np.asarray(numbers.values, dtype=float)[numbers.codes])
        assert there.tolist() == [known] * 6, days


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_training_sees_the_numbers_that_the_service_saw(
    settings: Settings, out: tuple[Path, str]
) -> None:
    folder, url = out
    leads = filled(settings, url)
    export = exported(folder)
    assert (export.outcome == WON).sum() == 3
    space = read_bundle(ArtifactFolder(settings.artifacts).champion("factory")).manifest.space
    assert {spec.name for spec in export.specs} == space.attribute_names
    for spec in space.attributes:
        column = known_at(export, spec.name, 0)
        for row, lead in enumerate(leads):
            sent = lead["attributes"].get(spec.name)
            read = column.values[column.codes[row]]
            read = None if isinstance(read, float) and np.isnan(read) else read
            assert space.stored(spec.name, read) == space.stored(spec.name, sent), spec.name


def test_verdicts_say_what_was_judged(settings: Settings, out: tuple[Path, str]) -> None:
    folder, url = out
    with serving(settings, url) as client:
        answer = client.post("/score", json=body(1)).json()
        said = {"lead_id": "L-1", "accepted": False, "code": "no_need", "at": "2026-01-01T12:00Z"}
        assert client.post("/feedback", json=said).status_code == 200
    assert main(["--out", str(folder)]) == 0
    [row] = read_rows(folder / "feedback.csv")
    assert (row["label"], row["grade"]) == (answer["label"], answer["grade"])
    assert (row["accepted"], row["code"], row["score"]) == (
        *("false", "no_need", str(answer["score"])),
    )
    assert row["at"] == "2026-01-01T12:00:00Z"


def test_unknown_kinds_are_left_out_and_named(
    settings: Settings, out: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, url = out
    with serving(settings, url) as client:
        call = {"kind": "call_logged", "occurred_at": "2025-12-30T00:00:00Z"}
        client.post("/score", json=body(1, activities=[call]))
    assert main(["--out", str(folder)]) == 0
    assert "left out as perhaps our own: call_logged" in capsys.readouterr().out
    assert 'staff_kinds = ["call_logged"]' in (folder / "mapping.toml").read_text("utf-8")
