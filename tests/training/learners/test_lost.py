from dataclasses import replace
from math import log

import numpy as np
import pytest

from models.score.points import probability_of
from models.score.trees import trees_from_text
from tests.training.rows import rows
from training.config import Boosting, TrainingConfig
from training.learners.lost import fewer_lost
from training.learners.trees import TreeLearner

SHARE = 0.25


def test_won_rows_stay_and_of_the_others_a_share() -> None:
    table, _ = rows(8000)
    kept, shift = fewer_lost(table, SHARE, 1)
    lost = int((table.target == 0.0).sum())
    assert shift == log(SHARE)
    assert kept.target.sum() == table.target.sum()
    assert (kept.target == 0.0).sum() == pytest.approx(SHARE * lost, abs=6 * lost**0.5)


def test_with_a_share_of_one_or_credit_for_opportunities_nothing_is_left_out() -> None:
    table, _ = rows(400)
    assert fewer_lost(table, 1.0, 1) == (table, 0.0)
    credited = replace(table, target=np.where(np.arange(400) % 2 == 0, 0.5, table.target))
    assert fewer_lost(credited, SHARE, 1) == (credited, 0.0)


def test_trees_without_a_split_give_the_odds_of_all_rows_by_hand() -> None:
    table, _ = rows(4000)
    boosting = Boosting(lost_share=SHARE, rows_in_leaf=4000)
    learner = TreeLearner(TrainingConfig(boosting=boosting, threads=1))
    kept = fewer_lost(table, SHARE, 1).table
    won, lost = (float(kept.weight[kept.target == one].sum()) for one in (1.0, 0.0))
    by_hand = log(won / lost) + log(SHARE)
    assert learner.fit(table, 1).margin(table) == pytest.approx(by_hand, abs=1e-6)


def test_probabilities_keep_the_base_rate_and_the_order_of_a_fit_on_all_rows() -> None:
    table, _ = rows(12_000)
    found = {}
    for share in (1.0, SHARE):
        boosting = Boosting(lost_share=share)
        grown = TreeLearner(TrainingConfig(boosting=boosting, threads=1)).fit(table, 40)
        found[share] = grown.margin(table)
    base = float(np.average(table.target, weights=table.weight))
    for margin in found.values():
        mean = float(np.average(probability_of(margin), weights=table.weight))
        assert mean == pytest.approx(base, abs=0.015)
    uncorrected = float(np.average(probability_of(found[SHARE] - log(SHARE)), weights=table.weight))
    assert uncorrected > base + 0.1
    assert np.corrcoef(found[1.0], found[SHARE])[0, 1] > 0.9


def test_growing_trees_and_the_text_for_a_bundle_are_corrected_alike() -> None:
    table, _ = rows(3000)
    boosting = Boosting(lost_share=SHARE)
    learner = TreeLearner(TrainingConfig(boosting=boosting, threads=1))
    growing = learner.start(table, table)
    grown = learner.fit(table, boosting.every)
    assert growing.margin() == pytest.approx(grown.margin(table), abs=1e-9)
    assert growing.margin_at(boosting.every) == pytest.approx(grown.margin(table), abs=1e-12)
    text = trees_from_text(grown.text).margin(grown.statistics.extend(table.X))
    assert text == pytest.approx(grown.margin(table), abs=1e-12)
