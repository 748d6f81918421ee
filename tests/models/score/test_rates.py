import json

import numpy as np
import pytest

from features.column import Column, column_of
from features.errors import BundleError
from models.score.points import logit, probability_of
from models.score.rates import ChannelRates, shrunk_rates


def test_a_channel_gets_its_rate_and_an_unknown_one_the_base_rate() -> None:
    rates = ChannelRates(0.05, {"web": 0.1})
    margin = rates.margin(column_of(["WEB", "post", None]))
    np.testing.assert_allclose(probability_of(margin), [0.1, 0.05, 0.05])


def test_base_and_channel_add_up_to_the_margin() -> None:
    rates = ChannelRates(0.05, {"web": 0.1, "ads": 0.01})
    column = column_of(["web", "ads", "post"])
    parts = rates.expected + rates.channel_effect(column)
    np.testing.assert_allclose(parts, rates.margin(column), atol=1e-15)
    assert rates.channel_effect(column)[2] == 0.0
    assert rates.expected == logit(0.05)


def test_rates_are_shrunk_by_the_prior_rows() -> None:
    target = np.array([1.0, 1.0, 0.0, 0.0])
    column = Column(["Web", "web", "ads"], np.array([0, 1, 2, 2], np.int32))
    rates = shrunk_rates(target, column, ["web", "web", "ads"], prior_rows=2.0)
    assert rates.base == 0.5
    assert rates.channels == {"ads": (0 + 1) / 4, "web": (2 + 1) / 4}


def test_rates_come_back_from_json_to_the_bit() -> None:
    rates = ChannelRates(0.1 + 0.2, {"web": 1 / 3})
    assert ChannelRates.from_json(json.loads(json.dumps(rates.to_json()))) == rates


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"base": 0.1}, "channel rates cannot be read"),
        ({"base": 0.0, "channels": {}}, "strictly between 0 and 1"),
        ({"base": 0.5, "channels": {"web": float("nan")}}, "strictly between 0 and 1"),
    ],
)
def test_damaged_rates_are_refused(data: dict[str, object], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        ChannelRates.from_json(data)
