"""The parts of the likelihood, each against numerical integration or many draws."""

from dataclasses import replace

import numpy as np
import pytest

from features.arrays import FloatArray
from training.simulation import behaviour as b
from training.simulation.catalogue import LEVELS, TEAMS, UNKNOWN_SENIORITY, WORKINGS
from training.simulation.chance import chance, chance_of_each
from training.simulation.change import Changes, change_weights, new_timeframe_table
from training.simulation.config import SECONDS_A_DAY, SNAPSHOT_DAYS, START
from training.simulation.draw import draw, shares
from training.simulation.entry import Entries, entry_weights
from training.simulation.fate import Fates, draw_fates, ends, standing, standing_seen
from training.simulation.work import draw_work, work_weights


def entries(n: int) -> Entries:
    """Return n leads that are alike."""

    def all_of(value: int) -> np.ndarray:
        return np.full(n, value, np.int64)

    return Entries(
        lead=np.arange(n),
        episode=all_of(1),
        created=all_of(START + 36_000),
        account=all_of(0),
        contact=all_of(0),
        country=all_of(2),
        industry=all_of(0),
        size=all_of(3),
        seniority=all_of(UNKNOWN_SENIORITY),
        department=all_of(0),
        mail=all_of(0),
        channel=all_of(3),
        source=all_of(1),
        interest=all_of(2),
        team=all_of(1),
        team_size=all_of(10),
        team_shown=np.zeros(n, np.bool_),
        title_shown=np.zeros(n, np.bool_),
        phone_shown=np.ones(n, np.bool_),
        opt_in=np.ones(n, np.bool_),
        message=np.zeros(n, np.bool_),
        timeframe=all_of(0),
        initial_score=all_of(50),
        topics=np.zeros((n, 5), np.bool_),
    )


def integral(values: FloatArray, step: float) -> FloatArray:
    return (values[:-1] + values[1:]).sum(axis=0) * step / 2


def test_fading_is_integrated_exactly() -> None:
    time = np.linspace(0.0, 14.0, 20_001)[:, None]
    fade = np.exp(-time / b.FADE_DAYS)
    entered = 1 - np.exp(-(14.0 - time) / b.BY_HAND_DAYS)
    step = 14.0 / 20_000
    assert b.faded(np.array([14.0]))[0] == pytest.approx(integral(fade, step))
    assert b.faded_and_entered(14.0) == pytest.approx(integral(fade * entered, step))


@pytest.mark.parametrize("snapshot", [0, 2, 5])
def test_as_many_activities_are_seen_as_expected(snapshot: int) -> None:
    leads = entries(40_000)
    days = SNAPSHOT_DAYS[snapshot]
    done = b.draw_behaviour(leads, np.random.default_rng(3))
    known = np.maximum(done.occurred, done.recorded) <= leads.created[0] + days * SECONDS_A_DAY
    expected = b.expected_terms(leads, done, snapshot)[:, 2].sum()
    assert known.sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_activities_tell_of_interest_by_their_rates() -> None:
    leads = entries(1)
    demo = [kind.name for kind in b.KINDS].index("demo_request")
    at = leads.created + 5 * SECONDS_A_DAY
    one = b.Behaviour(np.array([0]), np.array([demo]), at, at, np.array([False]))
    terms = b.event_terms(leads, one)
    by_hand = np.log(b.AFTER[demo] / b.FADE_DAYS) - 5 / b.FADE_DAYS
    assert terms[2, 0] == pytest.approx(np.zeros(LEVELS))
    assert terms[3, 0] == pytest.approx(by_hand)
    assert np.all(np.diff(terms[5, 0]) > 0)


def test_what_happens_once_happens_once() -> None:
    done = b.draw_behaviour(entries(20_000), np.random.default_rng(1))
    for kind in np.flatnonzero(b.ONCE):
        rows = done.row[(done.kind == kind) & ~done.before]
        assert len(np.unique(rows)) == len(rows) > 0


def test_imports_at_night_become_known_at_two() -> None:
    done = b.draw_behaviour(entries(20_000), np.random.default_rng(2))
    nightly = done.keep(b.AT_NIGHT[done.kind] & ~done.before)
    assert np.all(nightly.recorded % SECONDS_A_DAY == b.NIGHT_SECOND)
    assert np.all(nightly.recorded > nightly.occurred)
    assert np.all(nightly.recorded - nightly.occurred <= SECONDS_A_DAY)


def test_the_form_gives_the_weight_that_bayes_gives() -> None:
    # Of leads that enter by the same channel and source, those with the same form.
    weight = entry_weights(entries(1))[0]
    filled = entry_weights(replace(entries(1), team_shown=np.array([True])))[0]
    assert weight.shape == (LEVELS, TEAMS)
    assert np.flatnonzero(filled.sum(axis=0)).tolist() == [1]
    both = weight[:, 1] + filled[:, 1]
    other = entry_weights(replace(entries(1), team=np.array([0]), team_shown=np.array([True])))[0]
    # Shown and hidden together leave the share of the team, whatever the interest.
    ratio = both / (weight[:, 0] + other[:, 0])
    assert ratio == pytest.approx(np.full(LEVELS, 0.45 / 0.20))


@pytest.mark.parametrize("age", [0, 3, 7, 30])
def test_the_ways_to_end_happen_as_often_as_said(age: int) -> None:
    n = 150_000
    leads = entries(n)
    rng = np.random.default_rng(age)
    working = np.zeros(n, np.int64)
    fates = draw_fates(leads, working, chance(leads, working), rng)
    expected = standing(chance_of_each(entries(1)), leads.size[:1], age)
    as_of = leads.created + age * SECONDS_A_DAY
    is_open = fates.outcome_at > as_of
    won = is_open & (fates.won == 1) & (fates.outcome_at <= as_of + 90 * SECONDS_A_DAY)
    hidden = (0, 2, 0, 1)
    assert is_open.mean() == pytest.approx(expected.open[hidden], abs=4 / np.sqrt(4 * n))
    spread = np.sqrt(expected.won[hidden] / n)
    assert won.mean() == pytest.approx(expected.won[hidden], abs=4 * spread)


@pytest.mark.parametrize("age", [0.0, 7.0, 14.0, 30.0])
def test_seeing_opportunities_splits_what_not_seeing_them_adds_up(age: float) -> None:
    won, size = chance_of_each(entries(1)), np.array([3])
    whole = standing(won, size, age)
    without = standing_seen(won, size, age, np.array([np.inf]))
    step = 0.01
    arose = np.arange(0.0, age + step / 2, step)
    n = len(arose)
    each = standing_seen(np.repeat(won, n, axis=0), np.repeat(size, n), age, arose)
    for part in ("open", "won"):
        total = getattr(without, part)[0] + integral(getattr(each, part), step)
        assert total == pytest.approx(getattr(whole, part)[0], abs=2e-3)


def test_the_shares_of_the_ends_add_up() -> None:
    share = ends(np.linspace(0, 1, 11))
    assert share.won + share.lost_late + share.lost + share.never == pytest.approx(np.ones(11))
    assert np.all(share.lost_late >= 0)


@pytest.mark.parametrize("age", [1, 3, 7, 14, 30])
def test_calls_tell_of_neglect_as_bayes_says(age: int) -> None:
    n = 100_000
    created = np.full(n, START)
    work = draw_work(created, np.random.default_rng(age))
    as_of = created + age * SECONDS_A_DAY
    weight = work_weights(work, created, as_of) * np.array([0.8, 0.2])
    assert weight.shape == (n, WORKINGS)
    neglected = weight[:, 1] / weight.sum(axis=1)
    made = (work.calls <= as_of[:, None]).sum(axis=1)
    for calls in (made == 0, made == 1, made > 1):
        spread = np.sqrt((neglected[calls] * (1 - neglected[calls])).sum()) + 1e-6
        assert abs(work.working[calls].sum() - neglected[calls].sum()) < 4 * spread + 1e-6


def test_a_changed_timeframe_tells_of_interest() -> None:
    leads = entries(2)
    later = START + 400 * SECONDS_A_DAY
    changes = Changes(
        team_at=np.array([later, leads.created[1] + 3600]),
        timeframe_at=np.array([later, leads.created[1] + 3600]),
        timeframe=np.array([5, 5]),
    )
    weight = change_weights(leads, changes, leads.created + SECONDS_A_DAY)
    assert np.all(np.diff(weight[0, :, 0]) < 0)
    assert np.all(np.diff(weight[1, :, 1]) > 0)
    assert weight[1, :, [0, 2]] == pytest.approx(np.zeros((2, LEVELS)))


def test_a_change_is_never_to_the_same_value() -> None:
    table = new_timeframe_table()
    assert table.sum(axis=2) == pytest.approx(np.ones(table.shape[:2]))
    assert np.all(table[:, np.arange(6), np.arange(6)] == 0)


def test_drawing_follows_the_rows_shares() -> None:
    table = shares(np.array([[1.0, 1.0, 2.0], [0.0, 1.0, 0.0]]))
    row = np.repeat([0, 1], [80_000, 1_000])
    drawn = draw(np.random.default_rng(0), table, row)
    assert np.bincount(drawn[row == 0]) / 80_000 == pytest.approx([0.25, 0.25, 0.5], abs=0.01)
    assert set(drawn[row == 1]) == {1}


def test_neglect_lowers_every_chance() -> None:
    each = chance_of_each(entries(1))
    assert np.all(each[:, :, 1] < each[:, :, 0])
    assert np.all(np.diff(each, axis=1) > 0)
    assert isinstance(
        draw_fates(entries(3), np.zeros(3, np.int64), each[0, :3, 0, 0], np.random.default_rng(0)),
        Fates,
    )
