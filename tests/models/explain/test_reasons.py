import numpy as np
import pytest

from features.activities.spec import ActivitySpec
from features.arrays import FloatArray
from features.attributes.spec import AttributeSpec
from features.feature import FeatureMatrix
from features.leads import Leads
from features.records import ActivityRecord, LeadRecord, assemble
from features.sentences import Describer
from features.space import FeatureSpace
from models.explain.reasons import reason_lines, strongest, strongest_of_rows, top_reasons

DAY = 86_400_000_000


@pytest.fixture
def described() -> tuple[Describer, FeatureMatrix, Leads]:
    activity = ActivityRecord("demo_request", 98 * DAY, 98 * DAY)
    leads, activities = assemble(
        [
            LeadRecord("L-1", 100 * DAY, 90 * DAY, "web", "spring", 1, {"employees": 250}, ()),
            LeadRecord("L-2", 100 * DAY, 90 * DAY, "web", None, 1, {}, (activity,)),
        ]
    )
    spec = AttributeSpec("employees", "number")
    space = FeatureSpace.fit(leads, activities, [spec], ActivitySpec())
    return Describer(space), space.build(leads, activities), leads


def _points(describer: Describer, **points: float) -> FloatArray:
    names = [about.name for about in describer.space.abouts]
    assert points.keys() <= set(names)
    return np.array([points.get(name, 0.0) for name in names])


def test_the_strongest_come_first_either_way() -> None:
    assert strongest(np.array([1.0, -3.0, 2.0]), 2) == [1, 2]


def test_equal_effects_keep_their_order() -> None:
    assert strongest(np.array([1.0, -2.0, 2.0, -2.0]), 3) == [1, 2, 3]


def test_what_hardly_moves_the_score_is_no_reason() -> None:
    assert strongest(np.array([0.049, -0.049, 0.05]), 5) == [2]


def test_many_rows_have_the_reasons_that_each_has_alone() -> None:
    points = np.random.default_rng(1).normal(0.0, 0.2, (500, 12)).round(2)  # with ties
    for most in (0, 1, 3, 12, 20):
        for row, found in zip(points, strongest_of_rows(points, most), strict=True):
            assert found == [(i, row[i]) for i in strongest(row, most)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_line_of_a_file_says_what_the_answer_to_one_lead_says(
    described: tuple[Describer, FeatureMatrix, Leads], language: str
) -> None:
    describer, matrix, leads = described
    one = _points(describer, demo_request=12.4, employees=-3.0, channel=0.01)
    points = np.array([one, -one])
    lines = reason_lines(describer, matrix, leads, points, language=language, most=3)
    for row, line in enumerate(lines):
        told = top_reasons(describer, matrix, leads, row, points[row], language=language, most=3)
        assert line == "; ".join(f"{reason.text} ({reason.points:+.1f})" for reason in told)
    if language == "en":
        assert lines[1].startswith("Demo requested 2 days ago (-12.4); ")


def test_a_reason_is_a_sentence_with_its_points(
    described: tuple[Describer, FeatureMatrix, Leads],
) -> None:
    describer, matrix, leads = described
    points = _points(describer, demo_request=12.4, employees=-3.0)
    first, second = top_reasons(describer, matrix, leads, 1, points, language="en", most=5)
    assert first == ("demo_request", "intent", 2.0, 12.4, "Demo requested 2 days ago")
    assert second[:4] == ("employees", "fit", None, -3.0)


def test_no_more_reasons_are_given_than_asked_for(
    described: tuple[Describer, FeatureMatrix, Leads],
) -> None:
    describer, matrix, leads = described
    points = _points(describer, demo_request=1.0, employees=2.0, channel=3.0)
    for most in range(4):
        reasons = top_reasons(describer, matrix, leads, 0, points, language="zh", most=most)
        assert [r.about for r in reasons] == ["channel", "employees", "demo_request"][:most]
        assert all(reason.text for reason in reasons)
