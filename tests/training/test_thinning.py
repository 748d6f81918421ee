import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import IntArray
from training.config import Splitting
from training.snapshots import Snapshots
from training.split import split_at
from training.thinning import thin, thin_before

LEADS = 4000


def world(days: int = 2) -> tuple[Snapshots, IntArray]:
    """Return leads that come one after the other, two for each account, looked at daily."""
    lead = np.arange(LEADS).repeat(days)
    day = np.tile(np.arange(days), LEADS)
    created = lead.astype(np.float64)
    return (
        Snapshots(
            lead=lead,
            day=day,
            as_of=lead + day,
            time=created + day,
            created=created,
            target=(lead % 5 == 0).astype(np.float64),
            opportunity=np.zeros(len(lead)),
            horizon=10.0,
        ),
        np.arange(LEADS) // 2,
    )


def test_with_few_leads_all_are_kept() -> None:
    snapshots, group = world()
    thinned = thin(snapshots, group, Splitting(most_leads=LEADS), 1)
    assert np.array_equal(thinned.snapshots.lead, snapshots.lead)
    assert np.array_equal(thinned.served, np.arange(snapshots.n_rows))
    assert thinned.start == LEADS * 0.8


@given(most=st.integers(200, 3000), seed=st.integers(0, 99))
def test_no_judged_lead_is_left_out_and_no_fit_sees_many_more_than_allowed(
    most: int, seed: int
) -> None:
    snapshots, group = world()
    thinned = thin(snapshots, group, Splitting(most_leads=most), seed)
    kept = thinned.snapshots
    first = kept.take(kept.at_creation)
    assert (first.created >= thinned.start).sum() == LEADS * 0.2
    spread = 6 * (2 * most) ** 0.5  # accounts are drawn, so numbers vary
    assert (first.created < thinned.start).sum() <= most + spread
    served = kept.take(thinned.served)
    assert served.at_creation.sum() <= most + spread


def test_old_and_new_and_won_and_lost_leads_are_served_alike() -> None:
    snapshots, group = world()
    thinned = thin(snapshots, group, Splitting(most_leads=1000), 1)
    served = thinned.snapshots.take(thinned.served)
    first = served.take(served.at_creation)
    assert (first.created >= thinned.start).mean() == pytest.approx(0.2, abs=0.04)
    assert first.target.mean() == pytest.approx(0.2, abs=0.04)


def test_accounts_and_snapshots_of_a_lead_stay_together() -> None:
    snapshots, group = world()
    thinned = thin(snapshots, group, Splitting(most_leads=1000), 1)
    lead, rows = np.unique(thinned.snapshots.lead, return_counts=True)
    assert set(rows.tolist()) == {2}
    old = lead[lead < thinned.start]
    assert set(np.unique(group[old], return_counts=True)[1].tolist()) == {2}


def test_an_origin_learns_from_few_of_its_leads_and_judges_all() -> None:
    snapshots, group = world()
    origin = split_at(snapshots, group, 3000.0, 3500.0)
    found, split = thin_before(snapshots, group, origin, Splitting(most_leads=1000), 1)
    learned, judged = found.take(split.train), found.take(split.judge)
    assert learned.n_rows + judged.n_rows == found.n_rows
    assert np.array_equal(judged.lead, snapshots.lead[origin.judge])
    assert set(learned.lead) < set(snapshots.lead[origin.train])
    assert 800 < learned.at_creation.sum() < 1200
    assert learned.n_rows == 2 * len(set(learned.lead))
    assert split.at == origin.at


def test_an_origin_with_few_leads_learns_from_all() -> None:
    snapshots, group = world()
    origin = split_at(snapshots, group, 3000.0)
    found, split = thin_before(snapshots, group, origin, Splitting(most_leads=LEADS), 1)
    assert np.array_equal(found.lead[split.train], snapshots.lead[origin.train])
    assert np.array_equal(found.day[split.train], snapshots.day[origin.train])
