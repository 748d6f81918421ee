"""Plots with a row for each thing."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.card.axis import Axis, Text
from training.card.svg import LETTER, ROW, WIDTH, digits, shortened, stroke, svg, text_at


@dataclass(frozen=True, slots=True)
class Bar:
    """A row with a value, and an interval where there is one.

    Parameters
    ----------
    name : str
    value : float
    interval : pair of float, optional
    """

    name: str
    value: float
    interval: tuple[float, float] | None = None


def bar_plot(title: str, bars: Sequence[Bar], text: Text) -> str:
    """Return a bar per row, to the right or left of zero."""
    name_width = min(170.0, 8.0 + LETTER * max(len(bar.name) for bar in bars))
    low, high = min(0.0, *(bar.value for bar in bars)), max(0.0, *(bar.value for bar in bars))
    axis = Axis("", low, high if high > low else 1.0, text)
    start, end = name_width + (48.0 if low < 0.0 else 4.0), WIDTH - 50.0
    zero = axis.place(0.0, start, end)
    parts = [stroke(zero, 4, zero, 4 + ROW * len(bars), "axis")]
    for i, bar in enumerate(bars):
        top, end_of_bar = 4 + ROW * i, axis.place(bar.value, start, end)
        left, wide = min(zero, end_of_bar), abs(end_of_bar - zero)
        kind = "bar" if bar.value >= 0.0 else "bar minus"
        parts.append(
            f'<rect class="{kind}" x="{digits(left)}" y="{digits(top + 4)}" '
            f'width="{digits(wide)}" height="{digits(ROW - 8)}"/>'
        )
        parts.append(text_at(name_width, top + 15, shortened(bar.name, name_width), "end"))
        beside, anchor = (end_of_bar + 4, "") if bar.value >= 0.0 else (end_of_bar - 4, "end")
        parts.append(text_at(beside, top + 15, text(bar.value), anchor))
    return svg(title, 8 + ROW * len(bars), parts)


def interval_plot(title: str, name: str, rows: Sequence[Bar], *, at: float, text: Text) -> str:
    """Return a dot with its interval per row, beside a value that matters."""
    name_width = min(150.0, 8.0 + LETTER * max(len(row.name) for row in rows))
    ends = [end for row in rows for end in (row.interval or (row.value, row.value))]
    low, high = min(at, *ends), max(at, *ends)
    axis = Axis(name, low, high if high > low else low + 1.0, text)
    start, end = name_width + 10.0, WIDTH - 14.0
    bottom = 4 + ROW * len(rows)
    parts = []
    for tick in axis.ticks():
        place = axis.place(tick, start, end)
        parts += [
            stroke(place, 4, place, bottom, "grid"),
            text_at(place, bottom + 14, text(tick), "mid"),
        ]
    zero = axis.place(at, start, end)
    parts.append(stroke(zero, 4, zero, bottom, "axis"))
    for i, row in enumerate(rows):
        middle = 4 + ROW * (i + 0.5)
        if row.interval is not None:
            left, right = (axis.place(edge, start, end) for edge in row.interval)
            parts.append(stroke(left, middle, right, middle, "whisker"))
        cx = axis.place(row.value, start, end)
        parts.append(f'<circle class="dot" cx="{digits(cx)}" cy="{digits(middle)}" r="4"/>')
        parts.append(text_at(name_width, middle + 4, shortened(row.name, name_width), "end"))
    parts.append(text_at((start + end) / 2, bottom + 32, name, "mid"))
    return svg(title, bottom + 40, parts)
