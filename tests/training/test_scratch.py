"""Promises of features that stand in a file."""

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from features.arrays import FloatArray
from features.errors import ConfigError
from tests.training.rows import rows as invented
from training.config_file import load_config
from training.learners.naive_bayes import NaiveBayesLearner
from training.learners.sequence import dataset_rows
from training.learners.trees import TreeLearner
from training.scratch import BLOCK_ROWS, Kept, Matrix, Scratch, between
from training.table import Table

N = 2 * BLOCK_ROWS + 1_000
PARAMS = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True}


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    with Scratch(0, tmp_path) as found:
        yield found


def numbers(n: int = N, columns: int = 5) -> FloatArray:
    generator = np.random.default_rng(1)
    X: FloatArray = generator.normal(size=(n, columns))
    X[generator.random((n, columns)) < 0.2] = np.nan
    X[:, -1] = generator.integers(0, 3, n)
    return X


def kept(scratch: Scratch, X: FloatArray) -> Kept:
    parts = np.array_split(X, [1_000, 1_001, 30_000])
    return scratch.keep(parts, X.shape[1])


def in_a_file(scratch: Scratch, table: Table) -> Table:
    return replace(table, matrix=kept(scratch, table.X))


def test_rows_come_back_as_they_were(scratch: Scratch) -> None:
    X = numbers()
    found = kept(scratch, X)
    assert found.shape == X.shape
    assert np.array_equal(found.between(0, N), X, equal_nan=True)
    a, b = found.columns([4, 1])
    assert np.array_equal(a, X[:, 4])
    assert np.array_equal(b, X[:, 1], equal_nan=True)


@pytest.mark.parametrize("sort", [True, False])
def test_some_rows_of_some_rows_come_in_their_order(scratch: Scratch, sort: bool) -> None:
    X = numbers()
    rows = np.random.default_rng(2).choice(N, 20_000, replace=False)
    rows = np.sort(rows) if sort else rows
    even = np.arange(len(rows)) % 2 == 0
    found = kept(scratch, X).take(rows).take(even)
    assert np.array_equal(found.between(500, 9_000), X[rows[even]][500:9_000], equal_nan=True)
    assert np.array_equal(found.columns([4])[0], X[rows[even], 4])


def test_a_table_stands_in_memory_while_it_fits(tmp_path: Path) -> None:
    X = numbers(1_000)
    with Scratch(1, tmp_path) as small:
        assert isinstance(small.matrix([X[:300], X[300:]], 1_000, 5), np.ndarray)
        assert isinstance(small.matrix([X], 100_000, 5), Kept)


def spoil(folder: Path) -> None:
    with Scratch(0, folder) as scratch:
        found = kept(scratch, numbers())
        assert scratch.n_bytes > 100_000
        assert list(folder.iterdir()) == []
        found.between(0, N + 1)


def test_nothing_is_left_of_a_file_even_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexError, match="out of bounds"):
        spoil(tmp_path)
    assert list(tmp_path.iterdir()) == []
    gc.collect()  # a file left open would warn


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        Scratch(0, tmp_path / "absent") as scratch,
        pytest.raises(ConfigError, match=r"absent \(No such file or directory\); expected"),
    ):
        kept(scratch, numbers())


def boosted(X: Matrix, target: FloatArray, most_sampled: int) -> str:
    params = {**PARAMS, "bin_construct_sample_cnt": most_sampled}
    data = lightgbm.Dataset(dataset_rows(X), target, params=params)
    booster = lightgbm.train(params, data, num_boost_round=10)
    text: str = booster.model_to_string()
    return text


@pytest.mark.parametrize("sampled", [N, 2_000])
def test_lightgbm_grows_the_same_trees_from_a_file(scratch: Scratch, sampled: int) -> None:
    X = numbers()
    target = (np.nan_to_num(X[:, 0]) + X[:, -1] > 1.0).astype(np.float64)
    assert boosted(kept(scratch, X), target, sampled) == boosted(X, target, sampled)


@pytest.mark.parametrize("kind", ["none", "single", "pairs"])
def test_trees_with_statistics_are_the_same_from_a_file(scratch: Scratch, kind: str) -> None:
    table, _ = invented(N)
    config = load_config(
        None, ["threads=1", f"boosting.statistics='{kind}'", "boosting.lost_share=0.6"]
    )
    learner = TreeLearner(config)
    here, there = (learner.start(one, one) for one in (table, in_a_file(scratch, table)))
    here.grow()
    there.grow()
    assert np.array_equal(here.margin(), there.margin())
    assert np.array_equal(here.margin_at(5), there.margin_at(5))
    one, other = (learner.fit(rows, 10) for rows in (table, in_a_file(scratch, table)))
    assert one.text == other.text
    assert np.array_equal(one.margin(table), other.margin(in_a_file(scratch, table)))


def test_counts_are_the_same_from_a_file(scratch: Scratch) -> None:
    table, _ = invented(N)
    other = in_a_file(scratch, table)
    learner = NaiveBayesLearner()
    assert np.array_equal(learner.fit(table, 0).margin(table), learner.fit(other, 0).margin(other))


def test_one_block_at_a_time_is_in_memory(scratch: Scratch) -> None:
    columns, blocks = 40, 12
    parts = (np.full((BLOCK_ROWS, columns), float(i)) for i in range(blocks))
    one = BLOCK_ROWS * columns * 8
    tracemalloc.start()
    try:
        found = scratch.keep(parts, columns)
        rows = dataset_rows(found)
        total = sum(rows[i][0] for i in range(0, len(rows), 1_000))
        total += sum(float(between(found, i, i + 10).sum()) for i in range(0, len(rows), 50_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total > 0
    assert peak < 6 * one < 0.6 * blocks * one
