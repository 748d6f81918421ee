import numpy as np
import pytest

from training.calibrate import Seen
from training.evaluate.paired import by_origin, paired


def test_a_weighted_mean_and_its_error_by_hand() -> None:
    difference, weight = np.array([1.0, 3.0, 2.0, 2.0]), np.array([1.0, 1.0, 2.0, 0.0])
    mean, error = paired(difference, weight, np.arange(4))
    # (1 + 3 + 4) / 4 = 2; deviations by account -1, 1, 0, 0; sqrt(2) / 4
    assert mean == pytest.approx(2.0)
    assert error == pytest.approx(np.sqrt(2.0) / 4.0)


def test_rows_of_one_account_count_together() -> None:
    difference, weight = np.array([1.0, 3.0]), np.ones(2)
    assert paired(difference, weight, np.zeros(2, dtype=np.int64)) == (2.0, 0.0)


def test_an_origin_that_judged_nothing_has_no_loss() -> None:
    seen = Seen(np.zeros(3), np.array([1.0, 3.0, 1.0]), np.array([0, 0, 2]))
    assert by_origin(np.array([1.0, 2.0, 5.0]), seen) == [1.75, None, 5.0]
