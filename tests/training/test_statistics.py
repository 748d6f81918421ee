from dataclasses import replace

import numpy as np
import pytest

from features.arrays import FloatArray
from models.score.points import logit
from tests.training.rows import rows
from training.scratch import between
from training.statistics import StatisticsFitter, kinds_to_try
from training.table import Table


def crossed(fitter: StatisticsFitter, table: Table) -> FloatArray:
    return between(fitter.cross_fit(table)[1], 0, table.n_rows)


def test_a_value_s_statistic_is_its_shrunk_log_odds_beside_the_base_rate() -> None:
    table, _ = rows(1000)
    found = StatisticsFitter("single", prior_rows=20.0).fit(table).statistics[0]
    here = table.X[:, 1] == 1.0
    base = table.target.mean()
    rate = (table.target[here].sum() + 20.0 * base) / (here.sum() + 20.0)
    assert found.columns == (1,)
    assert found.table[1] == pytest.approx(logit(float(rate)) - logit(float(base)))
    assert found.table[-1] == 0.0


def test_a_pair_without_rows_is_what_both_values_let_expect() -> None:
    table, _ = rows(1000)
    apart = (table.X[:, 1] == 1.0) & (table.X[:, 3] == 2.0)
    table = table.take(np.flatnonzero(~apart))
    found = {one.columns: one.table for one in StatisticsFitter("pairs").fit(table).statistics}
    assert found[(1, 3)][1, 2] == pytest.approx(found[(1,)][1] + found[(3,)][2])


def test_no_row_s_statistic_knows_the_outcomes_of_its_account() -> None:
    table, _ = rows(600)
    fitter = StatisticsFitter("pairs")
    before = crossed(fitter, table)
    account = table.group == 17
    flipped = replace(table, target=np.where(account, 1.0 - table.target, table.target))
    after = crossed(fitter, flipped)
    assert np.array_equal(before[account], after[account], equal_nan=True)
    assert not np.array_equal(before, after, equal_nan=True)


def test_cross_fitting_leaves_noise_without_power() -> None:
    generator = np.random.default_rng(3)
    table, _ = rows(1500)
    noise = np.column_stack([table.X[:, :3], generator.integers(0, 300, 1500)])
    table = replace(table, matrix=noise, target=generator.integers(0, 2, 1500).astype(np.float64))
    fitter = StatisticsFitter("single", prior_rows=1.0)
    cross = crossed(fitter, table)
    naive = fitter.fit(table).extend(table.X)[:, -1]
    assert np.corrcoef(naive, table.target)[0, 1] > 0.3
    assert abs(np.corrcoef(cross[:, -1], table.target)[0, 1]) < 0.1


def test_only_kinds_that_differ_are_tried() -> None:
    table, _ = rows(100)
    assert list(kinds_to_try(table)) == ["none", "single", "pairs"]
    assert list(kinds_to_try(replace(table, features=table.features[:1]))) == ["none"]
