"""Promises of the tables of growth."""

from pathlib import Path

import pytest

from benchmarks.growth import SCORING, Point, keep, main, newest, slope, tables


def scored(rows: int, seconds: float, reasons: int = 0) -> Point:
    told = {"what": SCORING, "asked": rows, "reasons": reasons, "load": 1.0}
    return {**told, "rows": rows, "seconds": seconds, "cpu": 2.0 * seconds, "mb": 800.0}


def test_points_that_were_measured_apart_stand_in_one_table(tmp_path: Path) -> None:
    kept = tmp_path / "data" / "growth.jsonl"
    for one in (scored(1000, 10.0), scored(100, 1.0), scored(100, 3.0, 3), scored(1000, 20.0)):
        keep(kept, one)
    plain, explained = tables(newest(kept))
    assert plain.splitlines()[2:4] == [
        "| 100 | 100 | 1 | 2 | 800 MB | 1.0 |",
        "| 1,000 | 50 | 20 | 40 | 800 MB | 1.0 |",
    ]
    assert plain.splitlines()[4].startswith(
        "100 to 1,000 leads: time grows to the power of 1.30, CPU time of 1.30"
    )
    assert explained.splitlines()[0].startswith("| scoring with 3 reasons |")


def test_time_that_grows_with_the_square_has_the_slope_two() -> None:
    assert slope(scored(10, 1.0), scored(1000, 10_000.0), "seconds") == pytest.approx(2.0)


def test_a_table_alone_measures_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--table", "--kept", str(tmp_path / "absent.jsonl")]) == 0
    assert capsys.readouterr().out == ""
