import csv
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from features.arrays import MomentArray
from models.bundle.read import read_bundle
from models.scorer import Scorer
from training.bulk.index import LeadIndex, keys_of
from training.bulk.output import beside
from training.bulk.work import Work
from training.data.cells import plain
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.score import main


@pytest.fixture
def arguments(trained_bundle: Path, simulated_export: Path, simulated_mapping: Path) -> list[str]:
    found = ["--bundle", str(trained_bundle), "--leads", str(simulated_export / "leads.csv")]
    return [*found, "--mapping", str(simulated_mapping), "--quiet", "--reasons", "1"]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("as_of", ["latest", "created"])
@pytest.mark.parametrize("part_rows", [333, 100_000])
def test_leads_scored_in_parts_come_out_as_in_the_whole(
    arguments: list[str],
    trained_bundle: Path,
    simulated_export: Path,
    simulated_mapping: Path,
    tmp_path: Path,
    *,
    as_of: str,
    part_rows: int,
) -> None:
    out = tmp_path / "scored.csv"
    options = ["--out", str(out), "--as-of", as_of, "--part-rows", str(part_rows)]
    assert main([*arguments, *options]) == 0
    rows = rows_of(out)
    mapping = load_mapping(simulated_mapping)
    export = read_export(simulated_export / "leads.csv", mapping, require_outcome=False)
    moment: MomentArray = np.full(export.n_rows, export.data_end)
    if as_of == "created":
        moment = export.created_at
    leads = export.leads(np.arange(export.n_rows), moment)
    scored = Scorer(read_bundle(trained_bundle)).score(leads, export.activities, explain=False)
    assert [row["lead_id"] for row in rows] == export.lead_id
    assert [float(row["probability"]) for row in rows] == scored.probability.tolist()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_run_that_was_killed_is_taken_up_and_ends_alike(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    ending: str,
) -> None:
    whole, killed = tmp_path / f"whole.{ending}", tmp_path / f"killed.{ending}"
    loud = [word for word in arguments if word != "--quiet"] + ["--part-rows", "150"]
    assert main([*loud, "--out", str(whole)]) == 0
    work = Work(killed)
    kill_when(lambda: work.done(1), [*loud, "--out", str(killed)])
    assert not killed.exists()
    beside(killed).write_text("half a file")
    before = {part for part in range(20) if work.done(part)}
    again = parts_kept(monkeypatch)
    capfd.readouterr()
    assert main([*loud, "--out", str(killed)]) == 0
    told = capfd.readouterr().err
    assert "taken up where an earlier run ended" in told
    assert "sorting" not in told
    assert {0, 1} <= before
    assert again
    assert before.isdisjoint(again)
    assert digest(killed) == digest(whole)
    assert sorted(tmp_path.iterdir()) == [killed, whole]


def test_a_run_that_was_killed_before_the_first_part_begins_anew(
    arguments: list[str], tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole.csv", tmp_path / "killed.csv"
    assert main([*arguments, "--out", str(whole)]) == 0
    work = Work(killed)
    kill_when(lambda: any(work.folder.glob("*")), [*arguments, "--out", str(killed)])
    assert not killed.exists()
    assert main([*arguments, "--out", str(killed)]) == 0
    assert digest(killed) == digest(whole)
    assert sorted(tmp_path.iterdir()) == [killed, whole]


def kill_when(done: Callable[[], bool], arguments: list[str]) -> None:
    """Start a run of its own, and kill it as soon as something is done."""
    command = [sys.executable, "-m", "training.score", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not done():
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def parts_kept(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by each part that is scored from now on."""
    scored: list[int] = []
    keep = Work.keep

    def seen(self: Work, part: int, answers: object) -> None:
        scored.append(part)
        keep(self, part, answers)

    monkeypatch.setattr(Work, "keep", seen)
    return scored


def test_what_was_done_is_not_done_again(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored: list[int] = []
    most = 2
    keep = Work.keep

    def keep_some(self: Work, part: int, answers: object) -> None:
        if len(scored) == most:
            raise KeyboardInterrupt
        scored.append(part)
        keep(self, part, answers)

    monkeypatch.setattr(Work, "keep", keep_some)
    command = [*arguments, "--out", str(tmp_path / "scored.parquet"), "--part-rows", "500"]
    with pytest.raises(KeyboardInterrupt):
        main(command)
    most = 100
    assert main(command) == 0
    assert scored == list(range(len(scored)))


def test_another_order_does_not_take_up_what_is_there(arguments: list[str], tmp_path: Path) -> None:
    out, other = tmp_path / "scored.csv", tmp_path / "other.csv"
    work = Work(out)
    work.folder.mkdir()
    (work.folder / "state.json").write_text('{"key": "of another order", "n_rows": 1}')
    work.path(0).write_bytes(b"not what was asked for")
    assert main([*arguments, "--out", str(out)]) == 0
    assert main([*arguments, "--out", str(other)]) == 0
    assert digest(out) == digest(other)


def test_a_lead_of_two_parts_has_its_activities_in_both() -> None:
    import pyarrow as pa

    ids = plain(pa.array(["a", "b", "a", "c"]))
    index = LeadIndex.of(keys_of(ids), part_rows=2)
    row, part = index.places(keys_of(plain(pa.array(["c", "a", "x", "b"]))))
    assert list(zip(part.tolist(), row.tolist(), strict=True)) == [(0, 1), (0, 3), (1, 0), (1, 1)]
    assert index.knows(keys_of(plain(pa.array(["x", "a"])))).tolist() == [False, True]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('"L-', 'x,"L-'), "wide as the header"),
        (("2024-", "20x4-"), "dates that cannot be read in at least"),
    ],
)
def test_what_is_wrong_far_down_is_told_by_its_line(
    arguments: list[str],
    simulated_export: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    message: str,
) -> None:
    for name in ("leads", "activities", "history"):
        shutil.copy(simulated_export / f"{name}.csv", tmp_path)
    leads = tmp_path / "leads.csv"
    lines = leads.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(i for i in range(900, len(lines)) if change[0] in lines[i])
    lines[place] = lines[place].replace(*change, 1)
    leads.write_text("".join(lines), encoding="utf-8")
    moved = [str(leads) if "leads.csv" in word else word for word in arguments]
    out = tmp_path / "scored.csv"
    assert main([*moved, "--out", str(out), "--part-rows", "300"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert f"line {place + 1})" in error
    assert not out.exists()


def test_an_id_that_comes_again_in_a_later_part_is_refused(
    arguments: list[str],
    simulated_export: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("leads", "activities", "history"):
        shutil.copy(simulated_export / f"{name}.csv", tmp_path)
    leads = tmp_path / "leads.csv"
    lines = leads.read_text(encoding="utf-8").splitlines(keepends=True)
    leads.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    moved = [str(leads) if "leads.csv" in word else word for word in arguments]
    assert main([*moved, "--out", str(tmp_path / "scored.csv"), "--part-rows", "300"]) == 2
    error = capsys.readouterr().err
    assert f"ids of an earlier row in 1 row (line {len(lines) + 1})" in error
