"""Plots of lines and of dots with intervals."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from training.card.axis import Axis
from training.card.svg import ROW, WIDTH, digits, stroke, svg, text_at

HEIGHT: Final = 290.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 20.0, 12.0, 42.0
LEGEND_COLUMNS: Final = 2
STYLES: Final = 6
"""Ways to draw a line in the style sheet; they differ in dashes too, not in colour alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; the first of a plot is drawn as the strongest.

    Parameters
    ----------
    name : str
        In the legend; none where empty.
    points : sequence of (x, y)
    """

    name: str
    points: Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with an interval.

    Parameters
    ----------
    x, y : float
    low, high : float
        Of y.
    """

    x: float
    y: float
    low: float
    high: float


def xy_plot(
    title: str,
    x: Axis,
    y: Axis,
    lines: Sequence[Line],
    *,
    dots: Sequence[Dot] = (),
    guide: bool = False,
) -> str:
    """Return a plot of lines and dots.

    Parameters
    ----------
    title : str
        What somebody is told who does not see it.
    guide : bool
        Whether a diagonal from corner to corner shows what would be expected.
    """
    named = [i for i, line in enumerate(lines) if line.name]
    legend = ROW * math.ceil(len(named) / LEGEND_COLUMNS)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def at(px: float, py: float) -> tuple[float, float]:
        return x.place(px, LEFT, right), y.place(py, bottom, TOP)

    parts = list(_frame(x, y))
    if guide:
        parts.append(stroke(*at(x.low, y.low), *at(x.high, y.high), "guide"))
    for i, line in reversed(list(enumerate(lines))):
        places = " ".join("{},{}".format(*map(digits, at(*point))) for point in line.points)
        parts.append(f'<polyline class="s{i % STYLES}" points="{places}"/>')
    for dot in dots:
        parts.append(stroke(*at(dot.x, dot.low), *at(dot.x, dot.high), "whisker"))
        cx, cy = at(dot.x, dot.y)
        parts.append(f'<circle class="dot" cx="{digits(cx)}" cy="{digits(cy)}" r="3.5"/>')
    for place, i in enumerate(named):
        left = LEFT + (place % LEGEND_COLUMNS) * (right - LEFT) / LEGEND_COLUMNS
        top = HEIGHT + (place // LEGEND_COLUMNS) * ROW + 8
        parts.append(stroke(left, top, left + 22, top, f"s{i % STYLES}"))
        parts.append(text_at(left + 28, top + 4, lines[i].name))
    return svg(title, HEIGHT + legend, parts)


def _frame(x: Axis, y: Axis) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for tick in y.ticks():
        place = y.place(tick, bottom, TOP)
        yield stroke(LEFT, place, right, place, "grid")
        yield text_at(LEFT - 6, place + 4, y.text(tick), "end")
    for tick in x.ticks():
        place = x.place(tick, LEFT, right)
        yield stroke(place, bottom, place, TOP, "grid")
        yield text_at(place, bottom + 16, x.text(tick), "mid")
    yield stroke(LEFT, bottom, right, bottom, "axis")
    yield text_at((LEFT + right) / 2, HEIGHT - 8, x.name, "mid")
    middle = (TOP + bottom) / 2
    yield (
        f'<text class="mid" transform="translate(11 {digits(middle)}) rotate(-90)">'
        f"{escape(y.name)}</text>"
    )
