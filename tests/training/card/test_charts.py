"""Plots are pictures of their figures: checked by reading the SVG back."""

from xml.etree import ElementTree

import pytest

from training.card.axis import Axis, round_step
from training.card.bars import Bar, bar_plot, interval_plot
from training.card.lines import Dot, Line, xy_plot
from training.card.svg import WIDTH

SVG = "{http://www.w3.org/2000/svg}"


def plain(value: float) -> str:
    return f"{value:g}"


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in read(svg).iter(f"{SVG}text")]


def axis(low: float = 0.0, high: float = 1.0) -> Axis:
    return Axis("share", low, high, plain)


@pytest.mark.parametrize(
    ("least", "step"), [(0.13, 0.2), (0.2, 0.2), (3.1, 5.0), (7.0, 10.0), (0.0011, 0.002)]
)
def test_ticks_are_one_two_or_five(least: float, step: float) -> None:
    assert round_step(least) == pytest.approx(step)


def test_ticks_lie_inside_the_axis_and_are_few() -> None:
    for low, high in [(0.0, 1.0), (-0.058, 0.0), (0.0, 0.37), (3.0, 4.5), (0.0, 371.0)]:
        ticks = axis(low, high).ticks()
        assert 2 <= len(ticks) <= 7
        assert low - 1e-9 <= min(ticks)
        assert max(ticks) <= high + 1e-9


def test_a_value_outside_stays_at_the_edge() -> None:
    assert axis().place(7.0, 10.0, 20.0) == 20.0
    assert axis().place(0.25, 10.0, 20.0) == 12.5


def test_a_line_goes_from_corner_to_corner() -> None:
    svg = xy_plot("t", axis(), axis(), [Line("ours", [(0.0, 0.0), (1.0, 1.0)])])
    line = read(svg).find(f"{SVG}polyline")
    guide = xy_plot("t", axis(), axis(), [], guide=True)
    diagonal = next(x for x in read(guide).iter(f"{SVG}line") if x.get("class") == "guide")
    assert line is not None
    ends = [diagonal.get(name) for name in ("x1", "y1", "x2", "y2")]
    assert line.get("points") == "{},{} {},{}".format(*ends)


def test_lines_are_named_and_drawn_in_different_ways() -> None:
    svg = xy_plot("t", axis(), axis(), [Line(name, [(0, 0), (1, 1)]) for name in "abc"])
    assert {"a", "b", "c"} <= set(words(svg))
    drawn = [line.get("class") for line in read(svg).iter(f"{SVG}polyline")]
    assert drawn == ["s2", "s1", "s0"]  # the first one lies on top


def test_a_dot_stands_inside_its_interval() -> None:
    svg = read(xy_plot("t", axis(), axis(), [], dots=[Dot(0.5, 0.4, 0.3, 0.6)]))
    dot = svg.find(f"{SVG}circle")
    whisker = next(line for line in svg.iter(f"{SVG}line") if line.get("class") == "whisker")
    assert dot is not None
    high, at, low = (
        float(v or "nan") for v in (whisker.get("y2"), dot.get("cy"), whisker.get("y1"))
    )
    assert high < at < low
    assert (low - at) == pytest.approx((at - high) / 2, abs=0.2)


def test_bars_are_as_long_as_their_values_on_both_sides_of_zero() -> None:
    svg = bar_plot("t", [Bar("up", 4.0), Bar("down", -2.0)], plain)
    up, down = (float(bar.get("width") or "nan") for bar in read(svg).iter(f"{SVG}rect"))
    assert up == pytest.approx(2 * down, abs=0.2)
    assert words(svg) == ["up", "4", "down", "-2"]


def test_nothing_leaves_the_picture() -> None:
    bars = [Bar("a name that is much too long for the space there is", -3.0), Bar("b", 5.0)]
    for svg in (bar_plot("t", bars, plain), interval_plot("t", "n", bars, at=0.0, text=plain)):
        for shape in read(svg).iter(f"{SVG}rect"):
            left, wide = float(shape.get("x") or 0), float(shape.get("width") or 0)
            assert left >= 0
            assert left + wide <= WIDTH
        assert any(word.endswith("…") for word in words(svg))


def test_all_values_zero_can_be_drawn() -> None:
    assert "nan" not in bar_plot("t", [Bar("a", 0.0)], plain)
    assert "nan" not in interval_plot("t", "n", [Bar("a", 1.0)], at=1.0, text=plain)


def test_a_name_cannot_break_out_of_the_picture() -> None:
    name = '<script>alert("1")</script>'
    for svg in (
        bar_plot(name, [Bar(name, 1.0)], plain),
        interval_plot(name, name, [Bar(name, 1.0, (0.5, 2.0))], at=1.0, text=plain),
        xy_plot(name, axis(), axis(), [Line(name, [(0, 0), (1, 1)])]),
    ):
        assert "<script" not in svg
        assert read(svg).get("aria-label") == name
