"""What was exported is read again, and bulk scores are noted."""

import csv
import sys
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from features.moment import to_moment
from service.export import main as export
from service.load import main as load
from service.settings import Settings
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, counts, rows, serving
from tests.service.store.test_export import filled
from training.score import main as score

FILES = ("leads.csv", "activities.csv", "history.csv")


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an export, with the store of another database set."""
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    first = f"sqlite:///{tmp_path / 'first.db'}"
    filled(settings, first)
    with serving(settings, first) as client:
        client.post("/score", json=body(9, lead_id="L-9"))
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", first)
    assert export(["--out", str(tmp_path / "out")]) == 0
    return tmp_path / "out"


def given(folder: Path) -> list[str]:
    names = ("leads", "activities", "history")
    return [part for name in names for part in (f"--{name}", str(folder / f"{name}.csv"))]


def test_an_export_that_is_loaded_comes_out_again(
    folder: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    for _ in range(2):  # a second time changes nothing
        assert load(given(folder), lambda: NOW) == 0
        assert export(["--out", str(tmp_path / "again")]) == 0
        for name in FILES:
            first, again = ((at / name).read_text("utf-8") for at in (folder, tmp_path / "again"))
            assert first == again, name


def test_loaded_leads_are_scored_like_those_that_came_in(
    folder: Path, url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    assert load(given(folder), lambda: NOW) == 0
    with serving(settings, url) as client:
        loaded = client.post("/score", json={"lead_id": "L-9", "dry_run": True}).json()
        whole = body(9, lead_id="L-8b", dry_run=True)
        del whole["as_of"]
        sent = client.post("/score", json=whole).json()
    assert loaded["probability"] == sent["probability"]


def test_bulk_scores_are_noted_and_never_replace_newer_decisions(
    settings: Settings, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    with serving(settings, url) as client:
        client.post("/score", json=body(1))
    scores = tmp_path / "scores.csv"
    scores.write_text(
        "lead_id,probability,score,label,reasons\nL-1,0.5,88,SQL,\nL-0,0.1,9,MQL,\n", "utf-8"
    )
    asked = ["--scores", str(scores), "--as-of"]
    assert load([*asked, "2025-12-31T00:00:00Z"]) == 0
    assert rows(url, "SELECT score FROM leads")[0][0] != 88
    assert load([*asked, "2026-01-02T00:00:00Z"]) == 0
    assert tuple(rows(url, "SELECT probability, score, label FROM leads")[0]) == (0.5, 88, "SQL")
    assert counts(url)[3] == 1


def test_a_bulk_score_is_of_the_moment_that_its_file_tells(
    settings: Settings,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    with serving(settings, url) as client:
        for seed in (1, 2, 3):
            client.post("/score", json=body(seed))
    decided = dict(rows(url, "SELECT lead_id, decided_as_of FROM leads"))
    scores, later = tmp_path / "scores.csv", NOW + timedelta(days=2)
    told = {"L-1": "2025-12-31T00:00:00Z", "L-2": "2026-01-02T00:00:00Z", "L-3": ""}
    lines = [f"{lead},{at},0.5,88,SQL\n" for lead, at in told.items()]
    scores.write_text("lead_id,as_of,probability,score,label\n" + "".join(lines), "utf-8")
    assert load(["--scores", str(scores)], lambda: later) == 0
    noted = decided | {"L-2": to_moment(datetime(2026, 1, 2, tzinfo=UTC)), "L-3": to_moment(later)}
    assert dict(rows(url, "SELECT lead_id, decided_as_of FROM leads")) == noted
    found = rows(url, "SELECT lead_id FROM leads WHERE score = 88 AND label = 'SQL'")
    assert {lead for (lead,) in found} == {"L-2", "L-3"}
    everything = ["--scores", str(scores), "--as-of", "2026-02-01T00:00:00Z"]
    assert load(everything, lambda: later) == 0
    found = rows(url, "SELECT DISTINCT decided_as_of FROM leads")
    assert found == [(to_moment(datetime(2026, 2, 1, tzinfo=UTC)),)]
    scores.write_text("lead_id,as_of,probability,score,label\nL-1,soon,0.5,88,SQL\n", "utf-8")
    assert load(["--scores", str(scores)], lambda: later) == 2
    assert "scores.csv, line 2, column 'as_of': expected a date" in capsys.readouterr().err


def test_a_bulk_score_is_of_the_episode_that_its_file_tells(
    settings: Settings, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    leads, scores = tmp_path / "leads.csv", tmp_path / "scores.csv"
    created = ("2025-01-01T00:00:00Z", "2025-06-01T00:00:00Z", "2025-09-01T00:00:00Z")
    rest = [f"L-1,{number},{at}\n" for number, at in enumerate(created, 1)]
    leads.write_text("lead_id,episode,created_at\n" + "".join(rest), "utf-8")
    assert load(["--leads", str(leads)], lambda: NOW) == 0
    told = "lead_id,episode,probability,score,label\nL-1,1,0.1,9,nurture\nL-1,2,0.5,88,SQL\n"
    scores.write_text(told, "utf-8")
    assert load(["--scores", str(scores)], lambda: NOW) == 0
    found = rows(url, "SELECT episode, score, label FROM leads ORDER BY episode")
    assert [tuple(row) for row in found] == [(1, 9, "nurture"), (2, 88, "SQL"), (3, None, None)]


def test_what_bulk_scoring_wrote_of_loaded_leads_stands_with_them(
    folder: Path, url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    assert load(given(folder), lambda: NOW) == 0
    scored = folder / "scored.csv"
    model = ["--bundle", str(settings.artifacts / "factory" / "champion"), "--quiet"]
    files = ["--leads", str(folder / "leads.csv"), "--mapping", str(folder / "mapping.toml")]
    assert score([*model, *files, "--out", str(scored), "--reasons", "2"]) == 0
    assert load(["--scores", str(scored)], lambda: NOW) == 0
    with scored.open(encoding="utf-8", newline="") as file:
        told = sorted(csv.DictReader(file), key=itemgetter("lead_id"))
    kept = rows(url, "SELECT lead_id, probability, score, label FROM leads ORDER BY lead_id")
    assert len(kept) > 5
    assert all(row["reasons"] for row in told)
    assert [tuple(row) for row in kept] == [
        (row["lead_id"], float(row["probability"]), int(row["score"]), row["label"]) for row in told
    ]


def as_parquet(path: Path) -> Path:
    """Write a CSV file again as Parquet, with types of its own where all cells have one."""
    table = pyarrow.csv.read_csv(path)
    pyarrow.parquet.write_table(table, path.with_suffix(".parquet"), row_group_size=3)
    return path.with_suffix(".parquet")


def test_parquet_is_read_as_its_csv_is(
    folder: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ["--bundle", str(settings.artifacts / "factory" / "champion"), "--quiet"]
    files = ["--leads", str(folder / "leads.csv"), "--mapping", str(folder / "mapping.toml")]
    for ending in ("csv", "parquet"):
        assert score([*model, *files, "--out", str(folder / f"scored.{ending}")]) == 0
    plain = [*given(folder), "--scores", str(folder / "scored.csv")]
    packed = [
        str(as_parquet(Path(part))) if part.endswith(".csv") else part for part in given(folder)
    ]
    packed += ["--scores", str(folder / "scored.parquet")]
    kept = []
    for name, asked in (("plain", plain), ("packed", packed)):
        address = f"sqlite:///{tmp_path / name}.db"
        monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", address)
        assert load(asked, lambda: NOW) == 0
        columns = "lead_id, episode, created_at, channel, attributes, probability, score, label"
        order = "FROM leads ORDER BY lead_id, episode"
        found = [rows(address, f"SELECT {columns}, decided_as_of {order}")]
        what = "lead_id, kind, occurred_at, recorded_at FROM activities"
        found.append(rows(address, f"SELECT {what} ORDER BY lead_id, occurred_at, kind"))
        kept.append([[tuple(row) for row in some] for some in found])
    assert kept[0] == kept[1]
    assert len(kept[0][0]) > 5
    assert len(kept[0][1]) > 5


def test_what_is_wrong_with_parquet_is_told_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "scores.parquet"
    columns = {"lead_id": ["L-1", "L-2"], "probability": [0.5, 0.5], "score": [1, 2]}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    assert load(["--scores", str(path)]) == 2
    assert "scores.parquet: has no column 'label'" in capsys.readouterr().err
    pyarrow.parquet.write_table(pyarrow.table(columns | {"label": ["MQL", "hot"]}), path)
    assert load(["--scores", str(path)]) == 2
    assert "scores.parquet, row 2, column 'label': expected one of" in capsys.readouterr().err
    path.write_bytes(b"lead_id,score\n")
    assert load(["--scores", str(path)]) == 2
    assert "scores.parquet: expected a Parquet file" in capsys.readouterr().err
    assert load(["--scores", str(folder / "none.parquet")]) == 2
    assert "none.parquet: cannot be read: No such file" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert load(["--scores", str(path)]) == 2
    assert "install pyarrow beside the service, or write CSV" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id\nL-1\n", "leads.csv: has no column 'lead_id'"),
        ("lead_id,created_at\nL-1,soon\n", "leads.csv, line 2, column 'created_at'"),
        ("lead_id,episode\nL-1,soon\n", "leads.csv, line 2, column 'episode'"),
        ("lead_id,channel\n ,Referral\n", "leads.csv, line 2, column 'lead_id'"),
        ("lead_id,outcome,value\nL-1,won,inf\n", "leads.csv, line 2, column 'value'"),
        ("lead_id,outcome,value\nL-1,won,much\n", "leads.csv, line 2, column 'value'"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
    message: str,
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(text, "utf-8")
    assert load(["--leads", str(path)]) == 2
    assert message in capsys.readouterr().err
    assert load([]) == 2
    assert load(["--leads", str(tmp_path / "none.csv")]) == 2
