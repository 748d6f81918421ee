import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.attributes.spec import FAMILIES
from features.column import column_of
from models.explain.contributions import ContributionTables
from models.explain.ledger import COLUMNS, family_positions, make_ledger
from models.score.calibration import Calibration
from models.score.points import POINTS_PER_LOGIT, logit, points_of, score_of
from models.score.trees import trees_from_text
from tests.models.boosted import boosted


def test_the_columns_stand_in_the_order_of_an_answer() -> None:
    written = "start base fit intent channel timing quality cap"
    assert " ".join(COLUMNS) == written
    assert " ".join(FAMILIES) in written


def test_a_ledger_by_hand() -> None:
    points = np.array([[4.0, 1.0, 16.0], [30.0, 2.0, 40.0]])
    ledger = make_ledger(points, family_positions(["fit", "fit", "intent"]), base=-2.0)
    assert ledger.row(0) == {
        **{"start": 50.0, "base": -2.0, "fit": 5.0, "intent": 16.0},
        **{"channel": 0.0, "timing": 0.0, "quality": 0.0, "cap": 0.0},
    }
    assert ledger.row(1)["cap"] == -20.0
    assert ledger.total().tolist() == [69.0, 100.0]


@given(
    st.lists(st.lists(st.floats(-90, 90), min_size=4, max_size=4), min_size=1, max_size=5),
    st.lists(st.sampled_from(FAMILIES), min_size=4, max_size=4),
    st.floats(-90, 90),
)
def test_a_ledger_adds_up_to_what_is_rounded(points, families, base) -> None:  # type: ignore[no-untyped-def]
    matrix = np.array(points)
    ledger = make_ledger(matrix, family_positions(families), base)
    expected = np.clip(50.0 + base + matrix.sum(axis=1), 0.0, 100.0)
    np.testing.assert_allclose(ledger.total(), expected, rtol=0, atol=1e-9)
    by_row = [sum(ledger.row(row).values()) for row in range(len(matrix))]
    np.testing.assert_allclose(by_row, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_ledger_of_a_model_adds_up_to_its_score(seed: int) -> None:
    model = boosted(seed, learning_rate=0.3)
    trees = trees_from_text(model.text)
    tables = ContributionTables.build(trees)
    calibration = Calibration(1.3, -0.2, {"web": 0.3, "ads": -0.2}, mean_offset=0.1)
    channel = column_of(["web", "ads", "post"] * 200)
    anchor = 0.05
    margin, contributions = tables.explain(model.X)
    of_channel = calibration.channel_effect(channel)[:, np.newaxis]
    points = np.hstack([calibration.slope * contributions, of_channel]) * POINTS_PER_LOGIT
    base = (calibration.expected(tables.expected) - logit(anchor)) * POINTS_PER_LOGIT
    families = family_positions([*("fit", "intent", "timing", "quality") * 2, "channel"])
    ledger = make_ledger(points, families, base)
    before_rounding = np.clip(50.0 + points_of(calibration.apply(margin, channel), anchor), 0, 100)
    np.testing.assert_allclose(ledger.total(), before_rounding, rtol=0, atol=1e-9)
    scores = score_of(points_of(calibration.apply(margin, channel), anchor))
    assert (np.abs(ledger.total() - scores) <= 0.5 + 1e-9).all()
    assert {0, 100} & set(scores.tolist())
