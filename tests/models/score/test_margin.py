import json

import lightgbm
import numpy as np
import pytest

from features.errors import BundleError
from features.statistics import Statistic, TargetStatistics
from models.explain.explainer import Explainer
from models.score.linear import Curve, LinearPart
from models.score.margin import Blend, MarginModel
from models.score.trees import Trees, trees_from_text

ABOUT_OF = np.array([0, 0, 1, 2])
LINEAR = LinearPart(
    -1.0,
    (
        Curve(0, np.array([0.0, 1.0, 2.0]), np.array([0.3, -0.2, 0.0]), 0.7, 0.1),
        Curve(3, np.array([-1.0, 0.0, 2.0]), np.array([-1.0, 0.5, 0.75]), -0.4, 0.2),
    ),
)
STATISTICS = TargetStatistics(
    (
        Statistic((0,), np.array([0.5, -0.5, 0.2, 0.1])),
        Statistic((0, 2), np.arange(16.0).reshape(4, 4) / 8.0),
    )
)
BLEND = Blend(0.6, LINEAR, STATISTICS)


def matrix(n: int = 400, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    X = np.column_stack([generator.integers(0, 3, (n, 3)), generator.normal(size=n)])
    X[generator.random(X.shape) < 0.1] = np.nan
    return X


def trees(blend: Blend) -> Trees:
    X = blend.statistics.extend(matrix())
    target = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 3]) + X[:, -1] > 1.0
    params = {"objective": "binary", "verbosity": -1, "num_leaves": 7, "num_threads": 1}
    booster = lightgbm.train(params, lightgbm.Dataset(X, target.astype(float)), 20)
    return trees_from_text(booster.model_to_string())


def model(blend: Blend) -> MarginModel:
    return MarginModel(trees(blend) if blend.tree_weight else None, blend, 4)


BLENDS = [BLEND, Blend(0.0, LINEAR), Blend(), Blend(1.0, None, STATISTICS), Blend(0.5, LINEAR)]


def test_a_curve_is_linear_between_knots_and_constant_outside() -> None:
    curve = Curve(0, np.array([0.0, 10.0, 20.0]), np.array([0.0, 1.0, -1.0]), 5.0, 0.0)
    X = np.array([[-7.0], [0.0], [2.5], [10.0], [15.0], [20.0], [1e300], [np.nan]])
    assert LinearPart(0.0, (curve,)).margin(X).tolist() == [0, 0, 0.25, 1, 0, -1, -1, 5]


@pytest.mark.parametrize("blend", BLENDS)
def test_contributions_add_up_to_the_margin(blend: Blend) -> None:
    explainer = Explainer.build(model(blend), ABOUT_OF)
    margin, contributions = explainer.explain(matrix())
    assert contributions.shape == (400, 3)
    assert np.allclose(explainer.expected + contributions.sum(axis=1), margin, atol=1e-9)


@pytest.mark.parametrize("blend", BLENDS)
def test_explaining_changes_no_margin(blend: Blend) -> None:
    made = model(blend)
    assert np.array_equal(
        Explainer.build(made, ABOUT_OF).explain(matrix())[0], made.margin(matrix())
    )


@pytest.mark.parametrize("blend", BLENDS)
def test_a_lead_alone_gets_the_bits_that_it_gets_in_a_batch(blend: Blend) -> None:
    explainer = Explainer.build(model(blend), ABOUT_OF)
    X = matrix(40)
    margin, contributions = explainer.explain(X)
    for row in range(len(X)):
        alone = explainer.explain(X[row : row + 1])
        assert alone[0][0] == margin[row]
        assert np.array_equal(alone[1][0], contributions[row])


def test_a_blend_is_the_weighted_sum_of_its_parts() -> None:
    X = matrix()
    both = model(BLEND)
    assert both.trees is not None
    parts = 0.6 * both.trees.margin(STATISTICS.extend(X)) + (1.0 - 0.6) * LINEAR.margin(X)
    assert np.array_equal(both.margin(X), parts)


def test_the_linear_part_s_contribution_is_its_distance_from_the_mean() -> None:
    X = np.array([[1.0, 0.0, 0.0, 0.0]])
    _, contributions = Explainer.build(model(Blend(0.0, LINEAR)), ABOUT_OF).explain(X)
    assert contributions[0].tolist() == pytest.approx([-0.2 - 0.1, 0.0, 0.5 - 0.2])


@pytest.mark.parametrize("blend", BLENDS)
def test_a_blend_survives_json(blend: Blend) -> None:
    again = Blend.from_json(json.loads(json.dumps(blend.to_json())))
    assert np.array_equal(model(again).margin(matrix()), model(blend).margin(matrix()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tree_weight": 1.5}, "tree_weight is 1.5, expected 0 to 1"),
        ({"linear": None}, "and 1 without linear"),
    ],
)
def test_weights_that_do_not_fit_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        Blend.from_json({**BLEND.to_json(), **change})


def test_knots_that_do_not_rise_are_refused() -> None:
    curve = LINEAR.curves[0].to_json() | {"knots": [0.0, 0.0, 1.0]}
    with pytest.raises(BundleError, match="knots must rise"):
        Curve.from_json(curve)


def test_absent_trees_are_refused() -> None:
    with pytest.raises(BundleError, match=r"the trees have weight 0\.6 and are absent"):
        MarginModel(None, BLEND, 4)


def test_trees_of_other_columns_are_refused() -> None:
    with pytest.raises(BundleError, match=r"model.txt has 6 features, manifest.json 7"):
        MarginModel(trees(BLEND), BLEND, 5)


def test_a_part_about_no_feature_is_refused() -> None:
    with pytest.raises(BundleError, match="not about one of 2 features"):
        MarginModel(None, Blend(0.0, LINEAR), 2)
