import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.column import Column, column_of
from features.errors import BundleError
from models.score.calibration import Calibration

NUMBERS = st.floats(-10, 10)
CHANNELS = column_of(["Web", " web ", "partner", None, 3.0, "unheard of"])


def test_offsets_are_found_however_the_channel_is_written() -> None:
    calibration = Calibration(2.0, 1.0, {"web": 0.5, "3": -0.5})
    z = calibration.apply(np.zeros(6), CHANNELS)
    assert z.tolist() == [1.5, 1.5, 1.0, 1.0, 0.5, 1.0]


def test_repeated_channels_share_their_value() -> None:
    column = Column(["web", "ads"], np.array([1, 0, 1], np.int32))
    assert Calibration(offsets={"ads": 1.0}).offset(column).tolist() == [1.0, 0.0, 1.0]


def test_expected_margin_contributions_and_channel_add_up_to_the_calibrated_margin() -> None:
    calibration = Calibration(0.8, -0.3, {"web": 0.2, "partner": -0.1}, mean_offset=0.07)
    contributions = np.linspace(-1.0, 1.0, 6)
    z = calibration.apply(-2.0 + contributions, CHANNELS)
    parts = 0.8 * contributions + calibration.channel_effect(CHANNELS)
    np.testing.assert_allclose(calibration.expected(-2.0) + parts, z, atol=1e-15)


@given(NUMBERS, NUMBERS, st.dictionaries(st.text(max_size=3), NUMBERS), NUMBERS)
def test_a_calibration_comes_back_from_json_to_the_bit(
    slope: float, intercept: float, offsets: dict[str, float], mean: float
) -> None:
    calibration = Calibration(slope, intercept, offsets, mean)
    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


@pytest.mark.parametrize("data", [{}, {"slope": "x"}, {**Calibration().to_json(), "offsets": 3}])
def test_a_damaged_calibration_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BundleError, match="calibration cannot be read"):
        Calibration.from_json(data)
