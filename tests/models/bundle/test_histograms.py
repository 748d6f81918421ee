"""Promises of the histograms."""

import numpy as np

from models.bundle.histograms import build_histograms


def test_every_known_value_is_in_one_bin() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=1000), rng.integers(0, 2, 1000), np.full(1000, np.nan)])
    X[:100, 0] = np.nan
    found = build_histograms(X.T, ["a", "b", "c"], {})["features"]
    assert [sum(found[name]["counts"]) for name in "abc"] == [900, 1000, 0]
    assert [found[name]["missing_share"] for name in "abc"] == [0.1, 0.0, 1.0]


def test_bins_of_a_continuous_feature_have_equal_mass() -> None:
    values = np.random.default_rng(1).normal(size=(1000, 1))
    counts = build_histograms(values.T, ["a"], {})["features"]["a"]["counts"]
    assert len(counts) == 10
    assert max(counts) - min(counts) <= 2


def test_a_flag_has_one_bin_for_each_value() -> None:
    values = np.array([[0.0]] * 30 + [[1.0]] * 70)
    assert build_histograms(values.T, ["a"], {})["features"]["a"]["counts"] == [30, 70]
