import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import IntArray
from features.moment import DAY
from training.snapshots import OPEN, WON, Course, Snapshots, take_snapshots
from training.split import (
    account_folds,
    enough_outcomes,
    first_moment,
    newest_start,
    rolling_origins,
    split_at,
)

HORIZON = 30


def world(seed: int, n: int = 300, groups: int = 100) -> tuple[Snapshots, IntArray]:
    generator = np.random.default_rng(seed)
    created = np.sort(generator.integers(0, 700, n))
    won = generator.random(n) < 0.3
    return (
        take_snapshots(
            Course(
                created_at=created * DAY,
                outcome_at=np.where(won, (created + 10) * DAY, -(2**63)),
                outcome=np.where(won, WON, OPEN),
                order=created.astype(np.float64),
                data_end=800 * DAY,
            ),
            HORIZON,
            (0, 3, 7, 20),
        )[0],
        generator.integers(0, groups, n),
    )


seeds = st.integers(0, 10_000)


@given(seeds, st.integers(100, 650))
def test_what_is_learned_from_was_over_when_the_judged_leads_came(seed: int, start: int) -> None:
    rows, group = world(seed)
    split = split_at(rows, group, start)
    assert (rows.time[split.train] + HORIZON <= start).all()
    assert (rows.created[split.judge] >= start).all()


@given(seeds, st.integers(100, 650))
def test_a_lead_and_its_account_are_on_one_side(seed: int, start: int) -> None:
    rows, group = world(seed, groups=400)
    split = split_at(rows, group, start)
    train, judge = rows.lead[split.train], rows.lead[split.judge]
    assert not set(train.tolist()) & set(judge.tolist())
    assert not set(group[train].tolist()) & set(group[judge].tolist())


@given(seeds, st.integers(100, 650))
def test_the_judged_leads_are_never_thinned(seed: int, start: int) -> None:
    rows, group = world(seed)
    split = split_at(rows, group, start)
    assert len(split.judge) == int((rows.created >= start).sum())


@given(seeds, st.integers(100, 650))
def test_every_row_before_is_learned_from_or_counted(seed: int, start: int) -> None:
    rows, group = world(seed)
    split = split_at(rows, group, start)
    before = int((rows.created < start).sum())
    assert len(split.train) + split.purged + split.regrouped == before


def test_an_account_on_both_sides_loses_its_older_rows() -> None:
    rows, _ = world(1)
    group = np.arange(300)
    last = rows.lead[-1]
    group[0] = group[last]
    split = split_at(rows, group, newest_start(rows.created[rows.at_creation], 0.2))
    assert 0 not in rows.lead[split.train]
    assert last in rows.lead[split.judge]
    assert split.regrouped == int((rows.lead == 0).sum())


def test_an_account_that_always_comes_back_is_only_judged() -> None:
    rows, _ = world(1)
    split = split_at(rows, np.zeros(300, dtype=np.int64), 500.0)
    assert len(split.train) == 0
    assert split.regrouped > 100


def test_the_newest_share_begins_with_all_leads_of_its_first_moment() -> None:
    created = np.array([1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    assert newest_start(created, 0.2) == 7.0
    assert newest_start(created, 0.5) == 4.0


@given(seeds, st.integers(1, 5))
def test_origins_stay_inside_their_rows_and_judge_each_row_once(seed: int, n_origins: int) -> None:
    rows, group = world(seed)
    inside = np.flatnonzero(rows.time + HORIZON <= 600)
    found = rolling_origins(rows, group, inside, origins=n_origins, share=0.5, least_outcomes=5)
    assert len(found) <= n_origins
    judged = np.concatenate([np.empty(0, np.int64), *(origin.judge for origin in found)])
    assert len(np.unique(judged)) == len(judged)
    for origin in found:
        assert np.isin(origin.train, inside).all()
        assert np.isin(origin.judge, inside).all()
        assert (rows.time[origin.train] + HORIZON <= origin.at).all()
        assert (rows.created[origin.judge] >= origin.at).all()
        assert enough_outcomes(rows.take(origin.train), 5)


@given(seeds, st.integers(1, 5))
def test_an_origin_is_left_out_only_where_too_few_outcomes_are_left(seed: int, n: int) -> None:
    rows, group = world(seed)
    inside = np.flatnonzero(rows.time + HORIZON <= 600)
    every = rolling_origins(rows, group, inside, origins=n, share=0.5, least_outcomes=1)
    found = rolling_origins(rows, group, inside, origins=n, share=0.5, least_outcomes=5)
    enough = [origin.at for origin in every if enough_outcomes(rows.take(origin.train), 5)]
    assert every
    assert [origin.at for origin in found] == enough


def test_an_origin_whose_leads_all_come_back_is_left_out() -> None:
    rows, group = world(429)
    inside = np.flatnonzero(rows.time + HORIZON <= 600)
    assert rolling_origins(rows, group, inside, origins=1, share=0.5, least_outcomes=5) == []
    assert rolling_origins(rows, group, inside, origins=2, share=0.5, least_outcomes=5)


def test_no_origin_comes_before_enough_outcomes_are_known() -> None:
    rows, group = world(2)
    everything = np.arange(rows.n_rows)
    few = rolling_origins(rows, group, everything, origins=3, share=0.8, least_outcomes=60)
    moment = first_moment(rows, 60)
    assert all(origin.at >= moment for origin in few)
    assert few


def test_without_enough_outcomes_there_is_no_origin() -> None:
    rows, group = world(2)
    everything = np.arange(rows.n_rows)
    assert first_moment(rows, 1000) == np.inf
    none = rolling_origins(rows, group, everything, origins=3, share=0.5, least_outcomes=1000)
    assert none == []


@pytest.mark.parametrize("least", [0, 10, 1000])
def test_outcomes_are_counted_in_leads_not_in_rows(least: int) -> None:
    rows, _ = world(3)
    first = rows.target[rows.at_creation]
    enough = min(first.sum(), (1 - first).sum()) >= least
    assert enough_outcomes(rows, least) == enough


@given(seeds, st.integers(1, 5))
def test_every_origin_counts_the_rows_that_it_may_not_learn_from(seed: int, origins: int) -> None:
    rows, group = world(seed)
    inside = np.flatnonzero(rows.time + HORIZON <= 600)
    found = rolling_origins(rows, group, inside, origins=origins, share=0.5, least_outcomes=5)
    for origin in found:
        before = inside[rows.created[inside] < origin.at]
        assert len(origin.train) + origin.purged + origin.regrouped == len(before)
        unknown = rows.time[before] + HORIZON > origin.at
        assert origin.purged == int(unknown.sum())
        assert not np.isin(before[unknown], origin.train).any()


@given(seeds, st.integers(2, 6))
def test_parts_by_account_judge_each_row_once_and_tear_no_account_apart(
    seed: int, folds: int
) -> None:
    rows, group = world(seed)
    everything = np.arange(rows.n_rows)
    found = account_folds(rows, group, everything, folds=folds, seed=seed)
    judged = np.concatenate([origin.judge for origin in found])
    assert sorted(judged.tolist()) == everything.tolist()
    account = group[rows.lead]
    for origin in found:
        assert not np.isin(account[origin.judge], account[origin.train]).any()
        assert np.isnan(origin.at)
