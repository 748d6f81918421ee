from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from features.errors import ConfigError
from models.score.points import probability_of
from tests.training.rows import rows
from training.choice import BLEND, RATES, SPLINES, TREES, Choice
from training.choose import UNCHOSEN, Chooser, run_choice, simplest
from training.config import Boosting
from training.config_file import load_config
from training.evaluate.metrics import row_log_loss
from training.evaluate.paired import paired
from training.learners.blend import ChoiceLearner, FittedBlend
from training.split import Origin
from training.table import Table

CONFIG = load_config(
    None,
    ["threads=1", "choosing.trials=3", "boosting.most_trees=80", "choosing.search_rows=2000"],
)


def origins(n: int) -> list[Origin]:
    places = [n // 2, n * 3 // 4, n]
    every = np.arange(n)
    return [
        Origin(float(start), every[:start], every[start:stop], 0, 0)
        for start, stop in pairwise(places)
    ]


@pytest.fixture(scope="module")
def table() -> Table:
    return rows(6000)[0]


@pytest.fixture(scope="module")
def chooser(table: Table) -> Chooser:
    return Chooser(table, origins(5000), CONFIG)


def test_every_kind_of_candidate_is_tried_the_simplest_first(chooser: Chooser) -> None:
    names = [one.choice.name for one in chooser.candidates()]
    assert names == [RATES, SPLINES, BLEND, TREES]


def test_the_procedure_beats_the_channel_rates_and_says_what_it_compared(table: Table) -> None:
    found = run_choice(table, np.arange(5000), origins(5000), CONFIG)
    late = table.take(np.arange(5000, 6000))
    rates = ChoiceLearner(Choice(RATES), CONFIG).fit(table.take(np.arange(5000)), 0)
    ours = row_log_loss(found.probability(late), late.target).mean()
    assert ours < row_log_loss(probability_of(rates.margin(late)), late.target).mean() - 0.02
    assert [entry["chosen"] for entry in found.candidates].count(True) == 1
    assert found.choice is not None
    assert isinstance(found.fitted, FittedBlend)


def test_the_same_rows_give_the_same_choice(table: Table) -> None:
    one, other = (run_choice(table, np.arange(3000), origins(3000), CONFIG) for _ in range(2))
    assert one.choice == other.choice
    assert one.calibration == other.calibration


def test_without_signal_nothing_beats_the_rates() -> None:
    table, _ = rows(3000, strength=0.0)
    found = run_choice(table, np.arange(3000), origins(3000), CONFIG)
    assert found.choice is not None
    assert found.choice.name == RATES


def test_the_simplest_that_cannot_be_told_from_the_best_is_taken(chooser: Chooser) -> None:
    rates, splines, *_, trees = chooser.candidates()
    apart = [9.0, 9.0, -8.9, -8.9]  # two rows for each account
    near = replace(splines, loss=trees.loss + 1e-3 * np.resize(apart, len(trees.loss)))
    far = replace(splines, loss=trees.loss + 1e-3)
    assert simplest([rates, near, trees], chooser, 1.0)[0] is near
    assert simplest([rates, far, trees], chooser, 1.0)[0] is trees
    assert simplest([rates, near, trees], chooser, 0.0)[0] is trees


def test_rows_of_an_account_do_not_count_as_more_evidence(chooser: Chooser) -> None:
    generator = np.random.default_rng(1)
    by_account = generator.normal(size=chooser.group.max() + 1)[chooser.group]
    alone = generator.normal(size=len(chooser.group))
    weight, group = chooser.seen.weight, chooser.group
    apart, together = (paired(one, weight, group)[1] for one in (alone, by_account))
    assert together > 1.3 * apart


def test_every_trial_of_the_search_is_told_and_the_best_is_taken(table: Table) -> None:
    found = run_choice(table, np.arange(5000), origins(5000), CONFIG)
    assert len(found.trials) == CONFIG.choosing.trials
    best = min(found.trials, key=lambda one: one["log_loss"])
    assert [one["chosen"] for one in found.trials] == [one is best for one in found.trials]
    assert found.trials[0]["statistics"] == "none"
    for one in found.trials:
        assert one["difference"] == pytest.approx(one["log_loss"] - best["log_loss"], abs=1e-9)
        assert len(one["by_origin"]) == 2
        assert min(one["by_origin"]) <= one["log_loss"] <= max(one["by_origin"])
    assert all(one["standard_error"] > 0.0 for one in found.trials if one is not best)
    chosen = next(one for one in found.candidates if one["name"] == TREES)
    assert chosen["log_loss"] == pytest.approx(np.mean(chosen["by_origin"]), abs=0.01)


def test_where_nothing_can_be_tried_a_regularised_regression_answers(table: Table) -> None:
    found = run_choice(table, np.arange(200), [], CONFIG)
    assert found.choice == UNCHOSEN
    assert found.calibration.slope == 1.0


@pytest.mark.parametrize(
    "choice",
    [
        Choice(RATES),
        Choice(SPLINES, strength=1, half_life=0.2),
        Choice(BLEND, 0.5, Boosting(leaves=5, statistics="pairs"), 20, strength=1),
        Choice(TREES, 1.0, Boosting(half_life=0.5), 20),
    ],
)
def test_a_choice_survives_json_and_fits_the_same_again(choice: Choice, table: Table) -> None:
    again = Choice.from_json(choice.to_json())
    assert again == choice
    early, late = table.take(np.arange(1000)), table.take(np.arange(1000, 1200))
    one, other = (ChoiceLearner(c, CONFIG).fit(early, 0).margin(late) for c in (choice, again))
    assert np.array_equal(one, other)


def test_a_choice_that_is_not_known_is_refused() -> None:
    with pytest.raises(ConfigError, match="choice 'forest': expected one of"):
        Choice.from_json({**Choice(RATES).to_json(), "name": "forest"})
