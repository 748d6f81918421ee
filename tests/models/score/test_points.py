import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.score.points import POINTS_PER_LOGIT, logit, points_of, probability_of, score_of

RATES = st.floats(0.001, 0.999)


@given(RATES, RATES)
def test_ten_points_double_the_odds(probability: float, anchor: float) -> None:
    z = np.array([logit(probability)])
    points = points_of(z, anchor)
    assert np.allclose(points_of(z + np.log(2.0), anchor), points + 10.0)
    odds, at_anchor = probability / (1 - probability), anchor / (1 - anchor)
    assert np.allclose(points, 10.0 * np.log2(odds / at_anchor), atol=1e-9)


@given(RATES)
def test_a_lead_at_the_anchor_scores_fifty(anchor: float) -> None:
    assert score_of(points_of(np.array([logit(anchor)]), anchor)).tolist() == [50]


@given(st.floats(-30, 30))
def test_probability_is_the_inverse_of_log_odds(z: float) -> None:
    assert np.isclose(probability_of(np.array([z]))[0], np.exp(z) / (1 + np.exp(z)))


@given(st.lists(st.floats(-200, 200), min_size=2, max_size=20))
def test_more_points_never_score_less(points: list[float]) -> None:
    scores = score_of(np.sort(np.array(points)))
    assert (np.diff(scores) >= 0).all()
    assert scores.min() >= 0
    assert scores.max() <= 100


def test_a_logit_is_worth_the_scorecards_factor() -> None:
    assert np.isclose(POINTS_PER_LOGIT, 14.426950408889634, rtol=1e-15)
