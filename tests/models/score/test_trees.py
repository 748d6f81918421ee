import lightgbm
import numpy as np
import pytest

from features.errors import BundleError, SchemaError
from models.score.trees import trees_from_dump, trees_from_text
from tests.models.boosted import boosted
from tests.models.shapes import dump_of, leaf, split

MISSING = [{}, {"use_missing": False}, {"zero_as_missing": True}]


@pytest.mark.parametrize("parameters", MISSING)
@pytest.mark.parametrize("seed", range(5))
def test_margin_is_lightgbms_to_the_bit(seed: int, parameters: dict[str, bool]) -> None:
    model = boosted(seed, **parameters)
    margin = trees_from_text(model.text).margin(model.X)
    assert np.array_equal(margin, model.margin())


def test_the_models_have_every_way_with_missing_values() -> None:
    kinds = [set(trees_from_text(boosted(0, **p).text).decisions.view_missing) for p in MISSING]
    assert kinds == [{0, 1, 2}, {2}, {2, 3, 4}]


def test_a_row_alone_has_the_margin_that_it_has_among_others() -> None:
    model = boosted(1)
    trees = trees_from_text(model.text)
    together = trees.margin(model.X)
    alone = [trees.margin(model.X[i : i + 1])[0] for i in range(len(model.X))]
    assert np.array_equal(together, alone)
    assert len(model.X) > 2 * 256


def test_no_rows_have_no_margins() -> None:
    model = boosted(1)
    assert trees_from_text(model.text).margin(model.X[:0]).shape == (0,)


def test_layout_and_precision_of_the_matrix_do_not_matter() -> None:
    model = boosted(2)
    trees = trees_from_text(model.text)
    X = model.X.astype(np.float32)
    assert np.array_equal(trees.margin(np.asfortranarray(X)), trees.margin(X.astype(np.float64)))


def test_a_matrix_of_another_width_is_refused() -> None:
    model = boosted(3)
    with pytest.raises(SchemaError, match=r"shape \(600, 7\), the model expects 8 columns"):
        trees_from_text(model.text).margin(model.X[:, 1:])


def test_trees_without_splits_add_their_value() -> None:
    model = boosted(4, n_trees=3, min_data_in_leaf=1500)
    trees = trees_from_text(model.text)
    assert len(trees.feature) == 0
    assert np.array_equal(trees.margin(model.X), model.margin())


def test_a_model_of_one_leaf_and_a_model_of_splits_may_be_mixed() -> None:
    dump = dump_of(leaf(0.25, 3), split(0, 1.0, leaf(1.0, 1), leaf(2.0, 2)), n_features=1)
    margin = trees_from_dump(dump).margin(np.array([[1.0], [1.5], [np.nan]]))
    assert margin.tolist() == [1.25, 2.25, 2.25]


def test_the_widest_and_deepest_trees_allowed_are_read() -> None:
    model = boosted(5, n_trees=30, num_leaves=31, min_data_in_leaf=1)
    trees = trees_from_text(model.text)
    assert np.diff(trees.first_leaf).max() == 31
    assert np.array_equal(trees.margin(model.X), model.margin())


def test_gain_by_feature_is_lightgbms() -> None:
    model = boosted(6)
    gain = trees_from_text(model.text).gain_by_feature()
    np.testing.assert_allclose(gain, model.booster.feature_importance("gain"), rtol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_depth": 8, "num_leaves": 31, "min_data_in_leaf": 1}, "deeper than 6"),
        ({"num_leaves": 40, "min_data_in_leaf": 1}, "over 31 leaves"),
        ({"n_trees": 301, "num_leaves": 2}, "has 301 trees, expected at most 300"),
        ({"objective": "multiclass", "num_class": 2}, "several outputs"),
        (
            {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
            "averages its trees",
        ),
        ({"linear_tree": True}, "linear leaves"),
    ],
)
def test_models_that_a_bundle_does_not_allow_are_refused(
    parameters: dict[str, object], message: str
) -> None:
    text = boosted(7, **parameters).text  # type: ignore[arg-type]
    with pytest.raises(BundleError, match=message):
        trees_from_text(text)


def test_splits_by_categories_are_refused() -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 5, (500, 1)).astype(float)
    data = lightgbm.Dataset(X, X[:, 0] == 2, categorical_feature=[0])
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    booster = lightgbm.train(settings, data, 2)
    with pytest.raises(BundleError, match="split by categories"):
        trees_from_text(booster.model_to_string())


def test_a_text_that_is_no_model_is_refused() -> None:
    with pytest.raises(BundleError, match=r"model\.txt is not a LightGBM model"):
        trees_from_text("not a model")
