from dataclasses import replace

import numpy as np
import pytest

from models.score.points import probability_of
from tests.training.rows import rows
from tests.training.test_choose import CONFIG, origins
from training.choice import TREES, Choice
from training.choose import Chooser
from training.config import Boosting
from training.learners.blend import ChoiceLearner
from training.table import Table


def funnel(n: int = 4000, *, told: bool = True) -> Table:
    """Return rows of which few are won; opportunities are told by the truth or by chance."""
    table, z = rows(n)
    generator = np.random.default_rng(7)
    won = generator.random(n) < probability_of(z - 2.5)
    near = generator.random(n) < (probability_of(z - 0.5) if told else 0.2)
    return replace(
        table, target=won.astype(np.float64), opportunity=(near & ~won).astype(np.float64)
    )


@pytest.mark.parametrize("credit", [0.0, 0.5, 1.0])
def test_credit_leaves_the_mean_of_the_target_as_it_is(credit: float) -> None:
    table = replace(funnel(), weight=np.random.default_rng(1).random(4000))
    taught = table.taught(credit)
    mean, before = (np.average(t.target, weights=t.weight) for t in (taught, table))
    assert mean == pytest.approx(before)
    assert 0.0 <= taught.target.min() <= taught.target.max() <= 1.0


def test_without_opportunities_or_wins_there_is_no_credit() -> None:
    table = funnel()
    nothing = np.zeros(table.n_rows)
    for without in (replace(table, opportunity=nothing), replace(table, target=nothing)):
        assert without.taught(0.5) is without


def test_credit_is_given_where_opportunities_tell_a_good_lead() -> None:
    chooser = Chooser(funnel(10_000), origins(10_000), CONFIG)
    candidates = chooser.candidates()
    assert [one.choice.opportunity_credit for one in candidates] == [0.0, 0.5, 0.5, 0.5]


def test_no_credit_is_given_where_opportunities_tell_nothing() -> None:
    chooser = Chooser(funnel(told=False), origins(4000), CONFIG)
    assert {one.choice.opportunity_credit for one in chooser.candidates()} == {0.0}


def test_outcomes_are_judged_without_credit() -> None:
    table = funnel()
    chooser = Chooser(table, origins(4000), CONFIG)
    chooser.candidates()
    assert np.array_equal(chooser.seen.target, table.target[2000:])


def test_a_fit_with_credit_keeps_the_level_and_comes_nearer_to_the_truth() -> None:
    table = funnel()
    late, z = rows(2000, seed=9)
    truth = z - 2.5
    boosting = Boosting(leaves=4, statistics="single")
    plain, credited = (
        ChoiceLearner(Choice(TREES, 1.0, boosting, 60, opportunity_credit=c), CONFIG)
        .fit(table, 0)
        .margin(late)
        for c in (0.0, 0.5)
    )
    assert probability_of(credited).mean() == pytest.approx(probability_of(truth).mean(), rel=0.15)
    assert np.corrcoef(credited, truth)[0, 1] > np.corrcoef(plain, truth)[0, 1] + 0.01
