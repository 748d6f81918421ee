"""On olist it is known how long wins took that could not be seen at an earlier date."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.arrays import FloatArray
from features.moment import DAY, NEVER, to_moment
from training.data.delays import delay_report
from training.data.export import LOST, WON, Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.split import newest_start

PROJECT = Path(__file__).parents[3]
DATA = Path(os.environ.get("LEAD_SCORING_REAL_DATA", PROJECT.parent / "shared" / "data")) / "olist"
CUT = to_moment(datetime(2018, 4, 1, tzinfo=UTC))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the data set olist is not at {DATA} (LEAD_SCORING_REAL_DATA)"
)


@pytest.fixture(scope="module")
def olist() -> Export:
    mapping = load_mapping(PROJECT / "training" / "mappings" / "olist.toml")
    return read_export(DATA / "olist_marketing_qualified_leads_dataset.csv", mapping)


def as_of(export: Export, moment: int) -> Export:
    """Return what was known of the wins at a moment."""
    later = (export.outcome == WON) & (export.outcome_at >= moment)
    return replace(
        export,
        outcome=np.where(later, LOST, export.outcome),
        outcome_at=np.where(later, NEVER, export.outcome_at),
        data_end=moment,
    )


def final_delays(export: Export) -> FloatArray:
    """Return the delays of all wins, seen at the very end, of leads created before the cut."""
    known = (export.outcome == WON) & (export.outcome_at >= export.created_at)
    known &= export.created_at < CUT
    return np.asarray((export.outcome_at - export.created_at)[known] / DAY)


@pytest.fixture(scope="module")
def report(olist: Export) -> dict[str, Any]:
    found = delay_report(as_of(olist, CUT), 90)
    assert found is not None
    return found


def at(report: dict[str, Any], share: float) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in report["by_share"] if row["share"] == share)
    return found


def test_the_delay_seen_is_a_fifth_of_the_one_that_came(
    olist: Export, report: dict[str, Any]
) -> None:
    assert int(at(report, 0.9)["seen_days"]) == 40
    assert int(np.quantile(final_delays(olist), 0.9, method="lower")) == 192


def test_the_corrected_delays_are_much_nearer(olist: Export, report: dict[str, Any]) -> None:
    """They come out as 22, 90 and 141 days; 19, 109 and 192 it became.

    At the cut no delay over 151 days could be seen, so no estimate can say 192.
    """
    final = final_delays(olist)
    for share in (0.5, 0.8, 0.9):
        row = at(report, share)
        truth = float(np.quantile(final, share, method="lower"))
        assert abs(row["corrected_days"] - truth) < 0.5 * abs(row["seen_days"] - truth)
    assert [round(at(report, share)["corrected_days"]) for share in (0.5, 0.8, 0.9)] == [
        23,
        91,
        141,
    ]


def test_it_is_said_that_recording_began_late(report: dict[str, Any]) -> None:
    assert report["leads_from"].startswith("2017-06-14")
    assert report["wins_from"].startswith("2017-12-05")
    assert report["days_without_wins"] == pytest.approx(174.1, abs=0.1)


def test_wins_still_to_come_are_estimated(olist: Export, report: dict[str, Any]) -> None:
    came = len(final_delays(olist)) - report["wins"]
    assert came == 193
    assert report["wins_still_to_come"] == pytest.approx(came, rel=0.4)


def test_nobody_could_have_trained_on_a_third_of_the_older_leads_wins(olist: Export) -> None:
    oldest = np.argsort(olist.order, kind="stable")[:6400]
    won = olist.outcome[oldest] == WON
    start = newest_start(olist.created_at / DAY, 0.2)
    assert int(won.sum()) == 688
    assert int((won & (olist.outcome_at[oldest] / DAY >= start)).sum()) == 213


def test_within_the_horizon_of_90_days_comes_less_than_it_seems(
    olist: Export, report: dict[str, Any]
) -> None:
    final = float((final_delays(olist) <= 90).mean())
    within = report["within_horizon"]
    assert within["seen"] > 0.98
    assert within["corrected"] == pytest.approx(final, abs=0.05)
