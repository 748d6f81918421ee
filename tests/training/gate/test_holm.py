import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.gate.holm import holm


def test_holm_equals_a_calculation_by_hand() -> None:
    # sorted 0.01 * 4, 0.02 * 3, 0.03 * 2, 0.5 * 1, each at least the one before
    assert np.allclose(holm(np.array([0.03, 0.01, 0.5, 0.02])), [0.06, 0.04, 0.5, 0.06])


@given(st.lists(st.floats(0.0, 1.0), max_size=30))
def test_holm_never_makes_a_value_smaller_nor_changes_their_order(values: list[float]) -> None:
    p = np.array(values)
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= 1.0).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0.0).all()


def test_one_test_alone_is_left_as_it_is() -> None:
    assert holm(np.array([0.04])).tolist() == [0.04]
    assert holm(np.array([])).tolist() == []
