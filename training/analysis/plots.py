"""Plots for notebooks, in the style of the model card."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import pandas as pd

from training.card.axis import Axis
from training.card.bars import Bar, bar_plot, interval_plot
from training.card.lines import Dot, Line, xy_plot

WIDTH_PIXELS = 640


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture that a notebook shows by itself.

    Parameters
    ----------
    title : str
    svg : str
    """

    title: str
    svg: str

    def _repr_html_(self) -> str:
        """Return the picture for a page, with the card's colours."""
        style = files("training.card").joinpath("style.css").read_text(encoding="utf-8")
        return (
            f'<figure style="max-width:{WIDTH_PIXELS}px"><style>{style}</style>'
            f"<figcaption>{self.title}</figcaption>{self.svg}</figure>"
        )


def bars(table: pd.DataFrame, name: str, value: str, title: str, *, digits: int = 1) -> Plot:
    """Return a bar for each row."""
    rows = [Bar(str(n), float(v)) for n, v in zip(table[name], table[value], strict=True)]
    return Plot(title, bar_plot(title, rows, lambda one: f"{one:.{digits}f}"))


def intervals(table: pd.DataFrame, name: str, value: str, title: str, *, at: float = 0.0) -> Plot:
    """Return a dot with its interval for each row; `low` and `high`, or those of the value."""
    low, high = (f"{value}_low", f"{value}_high") if f"{value}_low" in table else ("low", "high")
    rows = [
        Bar(str(n), float(v), (float(a), float(b)))
        for n, v, a, b in zip(table[name], table[value], table[low], table[high], strict=True)
    ]
    text = "{:.3g}".format
    return Plot(title, interval_plot(title, value, rows, at=at, text=text))


def curves(table: pd.DataFrame, x: str, ys: Mapping[str, str], title: str) -> Plot:
    """Return lines over a column; `ys` names the columns and what they are called."""
    shown = [
        Line(name, table[[x, y]].dropna().astype(float).to_numpy().tolist())
        for y, name in ys.items()
    ]
    most = max((point[1] for line in shown for point in line.points), default=1.0)
    x_axis = Axis(x, float(table[x].min()), float(table[x].max()), "{:.3g}".format)
    y_axis = Axis(", ".join(ys.values()), 0.0, most or 1.0, "{:.3g}".format)
    return Plot(title, xy_plot(title, x_axis, y_axis, shown))


def diagonal(table: pd.DataFrame, title: str) -> Plot:
    """Return what came true over what was predicted, from `reliability`."""
    columns = (table[name].astype(float) for name in ("predicted", "share", "low", "high"))
    dots = [Dot(*row) for row in zip(*columns, strict=True)]
    most = min(1.0, 1.03 * max(0.05, *(dot.x for dot in dots), *(dot.high for dot in dots)))
    axes = [
        Axis(name, 0.0, most, "{:.0%}".format)
        for name in ("mean probability", "share won, 95 % interval")
    ]
    return Plot(title, xy_plot(title, axes[0], axes[1], [], dots=dots, guide=True))
