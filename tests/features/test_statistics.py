import json

import numpy as np

from features.statistics import Statistic, TargetStatistics

SINGLE = Statistic((0,), np.array([0.5, -0.5, 0.1]))
PAIR = Statistic((0, 2), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]))
BOTH = TargetStatistics((SINGLE, PAIR))
X = np.array([[0.0, 9.0, 1.0], [1.0, 9.0, np.nan], [np.nan, 9.0, 0.0], [2.0, 9.0, 0.0]])


def test_a_value_and_a_pair_of_values_are_looked_up() -> None:
    added = BOTH.extend(X)[:, 3:]
    assert added[:3].tolist() == [[0.5, 2.0], [-0.5, 6.0], [0.1, 7.0]]


def test_a_value_that_training_did_not_see_counts_as_average() -> None:
    assert BOTH.extend(X)[3, 3:].tolist() == [0.0, 0.0]


def test_the_features_themselves_stay() -> None:
    assert np.array_equal(BOTH.extend(X)[:, :3], X, equal_nan=True)


def test_without_statistics_the_matrix_is_the_same() -> None:
    assert TargetStatistics().extend(X) is X


def test_a_lead_alone_gets_what_it_gets_in_a_batch() -> None:
    together = BOTH.extend(X)
    for row in range(len(X)):
        assert np.array_equal(BOTH.extend(X[row : row + 1])[0], together[row], equal_nan=True)


def test_statistics_survive_json() -> None:
    again = TargetStatistics.from_json(json.loads(json.dumps(BOTH.to_json())))
    assert np.array_equal(again.extend(X), BOTH.extend(X), equal_nan=True)


def test_a_pair_shares_its_points_equally_between_both() -> None:
    about_of = np.array([0, 0, 1])
    assert BOTH.slots(about_of).tolist() == [0, 0, 1, 0, 2]
    shared = BOTH.share(np.array([[1.0, 2.0, 10.0]]), about_of)
    assert shared.tolist() == [[6.0, 7.0]]


def test_a_pair_no_tree_uses_changes_nothing() -> None:
    values = np.array([[1.0, 2.0]])
    assert BOTH.share(values, np.array([0, 0, 1])) is values
