from itertools import permutations

import numpy as np
import pytest

from features.arrays import FloatArray
from features.errors import BundleError, SchemaError
from models.explain.contributions import ContributionTables
from models.explain.groups import MOST_BITS, groups_of
from models.score.trees import trees_from_dump, trees_from_text
from tests.models.boosted import boosted
from tests.models.shapes import Node, dump_of, heaviest_tree, leaf, random_tree, rows_of, split

MB = 2**20


@pytest.mark.parametrize("parameters", [{}, {"use_missing": False}, {"zero_as_missing": True}])
@pytest.mark.parametrize("seed", range(5))
def test_contributions_are_lightgbms(seed: int, parameters: dict[str, bool]) -> None:
    model = boosted(seed, **parameters)
    tables = ContributionTables.build(trees_from_text(model.text))
    theirs = model.contributions()
    np.testing.assert_allclose(tables.contributions(model.X), theirs[:, :-1], rtol=0, atol=1e-12)
    np.testing.assert_allclose(tables.expected, theirs[0, -1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_features", [1, 2, 40])
def test_features_that_come_back_on_a_path_are_one_condition(n_features: int) -> None:
    model = boosted(1, n_features=n_features, num_leaves=31, min_data_in_leaf=2)
    tables = ContributionTables.build(trees_from_text(model.text))
    ours, theirs = tables.contributions(model.X), model.contributions()[:, :-1]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_the_margin_beside_contributions_is_the_margin_alone_to_the_bit() -> None:
    model = boosted(2, n_trees=60)
    trees = trees_from_text(model.text)
    margin, _ = ContributionTables.build(trees).explain(model.X)
    assert np.array_equal(margin, trees.margin(model.X))
    assert np.array_equal(margin, model.margin())


def test_a_row_alone_has_the_contributions_that_it_has_among_others() -> None:
    model = boosted(3)
    tables = ContributionTables.build(trees_from_text(model.text))
    together = tables.contributions(model.X)
    order = np.random.default_rng(0).permutation(len(model.X))
    assert np.array_equal(tables.contributions(model.X[order]), together[order])
    for row in range(0, len(model.X), 7):
        assert np.array_equal(tables.contributions(model.X[row : row + 1])[0], together[row])


def test_contributions_and_expected_margin_add_up_to_the_margin() -> None:
    model = boosted(4, n_trees=100)
    tables = ContributionTables.build(trees_from_text(model.text))
    margin, contributions = tables.explain(model.X)
    np.testing.assert_allclose(contributions.sum(axis=1) + tables.expected, margin, atol=1e-12)


def test_contributions_can_be_summed_by_what_features_are_about() -> None:
    model = boosted(5)
    trees = trees_from_text(model.text)
    about = np.array([2, 0, 1, 1, 0, 2, 2, 0])
    each = ContributionTables.build(trees).contributions(model.X)
    summed = ContributionTables.build(trees, about).contributions(model.X)
    expected = np.stack([each[:, about == a].sum(axis=1) for a in range(3)], axis=1)
    np.testing.assert_allclose(summed, expected, rtol=0, atol=1e-12)


def test_a_feature_that_no_tree_uses_contributes_nothing() -> None:
    dump = dump_of(split(1, 0.0, leaf(1.0, 2), leaf(3.0, 2)), n_features=3)
    contributions = ContributionTables.build(trees_from_dump(dump)).contributions(np.ones((1, 3)))
    assert contributions.tolist() == [[0.0, 1.0, 0.0]]


def test_contributions_are_shapley_values_by_their_definition() -> None:
    rng = np.random.default_rng(6)
    root = split(
        0,
        0.0,
        split(1, 0.5, leaf(1.0, 30), split(0, -1.0, leaf(-2.0, 5), leaf(0.5, 15))),
        split(2, 0.0, leaf(4.0, 20), leaf(-1.0, 30)),
    )
    tables = ContributionTables.build(trees_from_dump(dump_of(root, n_features=3)))
    X = rng.normal(size=(20, 3))
    X[::5, 1] = np.nan
    by_hand = [[_shapley(root, row, feature) for feature in range(3)] for row in X]
    np.testing.assert_allclose(tables.contributions(X), by_hand, rtol=0, atol=1e-14)


def _shapley(root: Node, row: FloatArray, feature: int) -> float:
    orders = list(permutations(range(3)))
    gains = []
    for order in orders:
        before = set(order[: order.index(feature)])
        gains.append(_worth(root, row, before | {feature}) - _worth(root, row, before))
    return float(np.mean(gains))


def _worth(node: Node, row: FloatArray, known: set[int]) -> float:
    """Return the tree's expected value where only some features are known."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        goes_left = row[node["split_feature"]] <= node["threshold"]
        return _worth(left if goes_left else right, row, known)
    values = [_worth(child, row, known) for child in (left, right)]
    return float(np.average(values, weights=[rows_of(left), rows_of(right)]))


def test_leaves_that_no_training_row_reached_keep_sums_finite_and_exact() -> None:
    empty = split(1, 0.0, leaf(5.0, 0), leaf(-5.0, 0))
    dump = dump_of(split(0, 0.0, leaf(1.0, 4), empty), n_features=2)
    tables = ContributionTables.build(trees_from_dump(dump))
    margin, contributions = tables.explain(np.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 0.0]]))
    assert margin.tolist() == [5.0, -5.0, 1.0]
    assert tables.expected == 1.0
    np.testing.assert_allclose(contributions.sum(axis=1) + tables.expected, margin, atol=1e-14)


def test_a_tree_without_splits_is_all_expectation() -> None:
    tables = ContributionTables.build(trees_from_dump(dump_of(leaf(0.5, 9), n_features=2)))
    margin, contributions = tables.explain(np.zeros((2, 2)))
    assert tables.expected == 0.5
    assert margin.tolist() == [0.5, 0.5]
    assert not contributions.any()


def test_no_rows_have_no_contributions() -> None:
    model = boosted(7)
    tables = ContributionTables.build(trees_from_text(model.text))
    assert tables.contributions(model.X[:0]).shape == (0, 8)


def test_a_matrix_of_another_width_is_refused() -> None:
    model = boosted(7)
    tables = ContributionTables.build(trees_from_text(model.text))
    with pytest.raises(SchemaError, match="the model expects 8 columns"):
        tables.explain(model.X[:, 1:])


@pytest.mark.parametrize("seed", range(60))
def test_no_shape_of_tree_within_a_bundles_bounds_takes_too_much_memory(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trees = trees_from_dump(dump_of(random_tree(rng, 31, 6), n_features=30))
    groups = list(groups_of(trees, 0))
    assert all(group.n_bits <= MOST_BITS for group in groups)
    assert sorted(p.leaf for g in groups for p in g.leaves) == list(range(31))
    assert ContributionTables.build(trees).n_bytes * 300 <= 32 * MB


def test_three_hundred_of_the_heaviest_trees_fit() -> None:
    trees = trees_from_dump(dump_of(*[heaviest_tree()] * 300, n_features=100))
    n_bytes = ContributionTables.build(trees).n_bytes
    assert 20 * MB < n_bytes <= 32 * MB


def test_tables_over_the_memory_allowed_are_refused() -> None:
    trees = trees_from_dump(dump_of(*[heaviest_tree()] * 20, n_features=100))
    with pytest.raises(BundleError, match=r"would take 1\.4 MB, expected at most 1\.0 MB"):
        ContributionTables.build(trees, most_bytes=MB)
