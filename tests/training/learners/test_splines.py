from dataclasses import replace

import numpy as np
import pytest

from models.score.points import probability_of
from tests.training.rows import rows
from training.config import Evaluating, Splines
from training.evaluate.metrics import row_log_loss
from training.learners.logistic import LogisticLearner
from training.learners.splines import Basis, SplineLearner

LEARNER = SplineLearner(Splines(strengths=(0.001, 0.1)), seed=1)


def test_the_curves_are_the_regression_itself() -> None:
    table, _ = rows()
    basis = Basis.of(table.X, table.features, 4)
    coefficient = np.random.default_rng(0).normal(size=len(basis.terms))
    curves = tuple(basis.curves(coefficient))
    linear = replace(LEARNER.fit(table, 0).linear, intercept=0.5, curves=curves)
    regression = basis.apply(table.X) @ coefficient + 0.5
    assert np.allclose(linear.margin(table.X), regression, atol=1e-5)  # single precision


def test_curves_are_centred_on_the_rows_learned_from() -> None:
    table, _ = rows()
    linear = LEARNER.fit(table, 1).linear
    assert linear.margin(table.X).mean() == pytest.approx(linear.expected, abs=1e-9)


def test_what_bends_is_learned_where_a_line_learns_nothing() -> None:
    table, z = rows(6000)
    late, truth = table.take(np.arange(4000, 6000)), z[4000:]
    early = table.take(np.arange(4000))
    bent = LEARNER.fit(early, 1).margin(late)
    straight = LogisticLearner(Evaluating(), 1).fit(early, 0).margin(late)
    losses = [row_log_loss(probability_of(m), late.target).mean() for m in (bent, straight, truth)]
    assert losses[0] - losses[2] < 0.25 * (losses[1] - losses[2])


def test_a_code_that_training_did_not_see_counts_as_none_of_the_known() -> None:
    table, _ = rows()
    X = np.array([[0.0, 4.0, 0.0, 0.0], [0.0, 99.0, 0.0, 0.0]])
    margin = LEARNER.fit(table, 1).linear.margin(X)
    assert margin[0] == margin[1]


def test_a_smaller_penalty_fits_the_rows_better() -> None:
    table, _ = rows()
    losses = [
        row_log_loss(probability_of(LEARNER.fit(table, size).margin(table)), table.target).mean()
        for size in LEARNER.sizes
    ]
    assert losses[1] < losses[0]


def test_growing_passes_the_same_fits() -> None:
    table, _ = rows()
    early, late = table.take(np.arange(3000)), table.take(np.arange(3000, 4000))
    growing = LEARNER.start(early, late)
    growing.grow()
    for size in LEARNER.sizes:
        assert np.array_equal(growing.margin_at(size), LEARNER.fit(early, size).margin(late))


def test_older_rows_count_less_where_asked_for() -> None:
    table, _ = rows()
    flipped = replace(table, target=np.where(table.time < 2000, 1.0 - table.target, table.target))
    fading = replace(LEARNER, half_life=0.1).fit(flipped, 1).margin(table)
    plain = LEARNER.fit(flipped, 1).margin(table)
    recent = LEARNER.fit(table, 1).margin(table)
    assert np.corrcoef(fading, recent)[0, 1] > 0.8 > np.corrcoef(plain, recent)[0, 1]


def test_a_target_between_counts_as_a_part_won_and_a_part_not() -> None:
    table, _ = rows(500)
    both = np.arange(500).repeat(2)
    apart = replace(
        table.take(both), target=np.tile([1.0, 0.0], 500), weight=np.tile([0.3, 0.7], 500)
    )
    between = replace(table, target=np.full(500, 0.3))
    one, other = (LEARNER.fit(t, 1).margin(table) for t in (between, apart))
    assert one == pytest.approx(other, abs=1e-3)
