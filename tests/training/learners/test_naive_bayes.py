import numpy as np
import pytest

from models.score.points import probability_of
from tests.training.learners.tables import feature_of, table_of
from training.learners.naive_bayes import NaiveBayesLearner, variables
from training.table import Table

NAN = float("nan")


def probability(train: Table, judged: Table) -> list[float]:
    found: list[float] = probability_of(NaiveBayesLearner().fit(train, 0).margin(judged)).tolist()
    return found


def test_a_hand_calculation() -> None:
    """2 won, 3 lost, so 2.1 and 3.1.

    Source 0: 2 won, 1 lost, so 2.1 and 1.1; source 1: 0.1 and 2.1; sums 2.2 and 3.2.
    E-mail valid: 1.1 and 0.1; not valid: 0.1 and 2.1; not set: 1.1 and 1.1; sums 2.3 and 3.3.
    """
    train = table_of(
        {"source.code": [0, 0, 0, 1, 1], "email.valid": [1, NAN, NAN, 0, 0]}, [1, 1, 0, 0, 0]
    )
    judged = table_of(
        {"source.code": [0, 1, 0, NAN, 7], "email.valid": [1, 0, NAN, 1, 1]}, [0, 0, 0, 0, 0]
    )
    by_hand = [
        (2.1 * (2.1 / 2.2) * (1.1 / 2.3), 3.1 * (1.1 / 3.2) * (0.1 / 3.3)),
        (2.1 * (0.1 / 2.2) * (0.1 / 2.3), 3.1 * (2.1 / 3.2) * (2.1 / 3.3)),
        (2.1 * (2.1 / 2.2) * (1.1 / 2.3), 3.1 * (1.1 / 3.2) * (1.1 / 3.3)),
        (2.1 * (1.1 / 2.3), 3.1 * (0.1 / 3.3)),  # an empty source is skipped
        (2.1 * (1.1 / 2.3), 3.1 * (0.1 / 3.3)),  # and so is one that was never seen
    ]
    wanted = [round(won / (won + lost), 4) for won, lost in by_hand]
    assert wanted == [0.9674, 0.0032, 0.7297, 0.9145, 0.9145]
    assert probability(train, judged) == pytest.approx(wanted, abs=1e-9)


def test_each_tag_is_a_pair_of_its_own_and_rare_ones_are_ignored() -> None:
    """Tag a: 40 won, 20 lost; tag b: 10 won, 30 lost; tag c: 49 leads are too few."""
    a = [1.0] * 60 + [0.0] * 100
    b = [0.0] * 60 + [1.0] * 60 + [0.0] * 40
    c = [0.0] * 111 + [1.0] * 49
    target = [1.0] * 40 + [0.0] * 20 + [1.0] * 10 + [0.0] * 50 + [1.0] * 30 + [0.0] * 10
    train = table_of({"tags.has a": a, "tags.has b": b, "tags.has c": c}, target)
    judged = table_of(
        {"tags.has a": [1, 1, 0], "tags.has b": [0, 1, 0], "tags.has c": [0, 0, 1]}, [0, 0, 0]
    )
    prior = 80.1 / 80.1
    of_a = (40.1 / 50.2) / (20.1 / 70.2)
    of_b = (10.1 / 50.2) / (50.1 / 70.2)
    odds = [prior * of_a, prior * of_a * of_b, prior]
    wanted = [round(o / (1 + o), 4) for o in odds]
    assert probability(train, judged) == pytest.approx(wanted, abs=1e-9)


def test_probabilities_stay_within_their_bounds() -> None:
    n = 5000
    columns = {f"field{i}.code": [0.0] * n + [1.0] * n for i in range(4)}
    train = table_of(columns, [1.0] * n + [0.0] * n)
    assert probability(train, train)[0] == pytest.approx(0.9999)
    assert probability(train, train)[-1] == pytest.approx(0.0001)


def test_only_the_snapshot_at_creation_is_counted() -> None:
    once = table_of({"source.code": [0, 1]}, [1, 0])
    twice = table_of({"source.code": [0, 1, 1, 1]}, [1, 0, 0, 0], day=[0, 0, 3, 7])
    assert probability(once, once) == probability(twice, once)


def test_without_any_value_it_is_the_prior() -> None:
    train = table_of({"amount#": [1, 2, 3, 4]}, [1, 0, 0, 0])
    assert probability(train, train) == pytest.approx([round(1.1 / 4.2, 4)] * 4)


def test_only_one_outcome_gives_a_probability_too() -> None:
    train = table_of({"source.code": [0, 1]}, [1, 1])
    assert np.isfinite(probability(train, train)).all()


def test_what_such_a_system_counts() -> None:
    names = ["channel.code", "channel.is web", "phone.valid", "phone.repeated", "opt_out"]
    names += ["topics.has ai", "topics.has crm", "size#", "odd.is x.valid"]
    found = list(variables([feature_of(name) for name in names]))
    assert [one.columns for one in found] == [(0,), (2,), (4,), (5, 6)]
    assert [one.counts_missing for one in found] == [False, True, False, False]
    assert [one.is_tags for one in found] == [False, False, False, True]
