"""Promises of comparing leads with and without something."""

from math import erfc, sqrt

import numpy as np
import pytest

from training.agreement.measured import History, discovered, false_discovery, measure


def history(won: list[float], group: list[int] | None = None) -> History:
    accounts = np.arange(len(won)) if group is None else np.array(group)
    accepted = np.full(len(won), np.nan)
    accepted[:3] = (1.0, 0.0, 1.0)
    return History(np.array(won), accounts, accepted)


def test_by_hand() -> None:
    # 30 of 100 with it are won, 40 of 200 without it
    won = [1.0] * 30 + [0.0] * 70 + [1.0] * 40 + [0.0] * 160
    has = np.arange(300) < 100
    found = measure(has, np.ones(300, dtype=bool), history(won), 50.0)
    assert found is not None
    assert (found.leads, found.won, found.rate) == (100, 30, 0.3)
    base = 70 / 300
    assert found.shrunk == pytest.approx((30 + 50 * base) / 150)
    assert found.lift == pytest.approx(found.shrunk / base)
    z = 0.1 / sqrt(base * (1 - base) * (1 / 100 + 1 / 200))
    assert found.p == pytest.approx(erfc(z / sqrt(2)))
    assert 0.21 < found.low < 0.22 < 0.39 < found.high < 0.40
    assert (found.judged, found.accepted) == (3, 2)


def test_of_whom_it_is_not_known_does_not_count() -> None:
    won = [1.0, 0.0] * 150
    has, known = np.arange(300) < 100, np.arange(300) < 250
    found = measure(has, known, history(won), 50.0)
    again = measure(has, known, history(won[:250] + [1.0] * 50), 50.0)
    assert found is not None
    assert again is not None
    assert found.p == again.p


def test_leads_of_one_account_tell_less() -> None:
    won = [1.0] * 60 + [0.0] * 40 + [0.0] * 120 + [1.0] * 80
    has, known = np.arange(300) < 100, np.ones(300, dtype=bool)
    alone = measure(has, known, history(won), 50.0)
    together = measure(has, known, history(won, (np.arange(300) // 10).tolist()), 50.0)
    assert alone is not None
    assert together is not None
    assert together.p > alone.p
    assert together.high - together.low > alone.high - alone.low


@pytest.mark.parametrize("n", [20, 275])
def test_with_too_few_leads_on_a_side_nothing_is_told(n: int) -> None:
    won = [1.0, 0.0] * 150
    assert measure(np.arange(300) < n, np.ones(300, dtype=bool), history(won), 50.0) is None


def test_with_too_few_wins_expected_nothing_is_told() -> None:
    won = [1.0] + [0.0] * 299
    assert measure(np.arange(300) < 100, np.ones(300, dtype=bool), history(won), 50.0) is None


def test_adjusting_for_many_looks_by_hand() -> None:
    p = np.array([0.04, 0.01, 0.5, 0.02])
    # sorted 0.01 0.02 0.04 0.5, times 4/1 4/2 4/3 4/4
    assert false_discovery(p) == pytest.approx([0.16 / 3, 0.04, 0.5, 0.04])


def test_an_attribute_of_many_values_lets_in_no_other() -> None:
    p = np.array([1e-6] * 10 + [0.06])
    family = np.array([0] * 10 + [1])
    assert (false_discovery(p) <= 0.1).all()
    assert discovered(p, family, 0.1).tolist() == [True] * 10 + [True]
    p[-1] = 0.11
    assert discovered(p, family, 0.1).tolist() == [True] * 10 + [False]


def test_without_comparisons_there_are_no_discoveries() -> None:
    assert discovered(np.zeros(0), np.zeros(0, dtype=np.int64), 0.1).tolist() == []
