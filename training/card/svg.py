"""Pieces of plots as SVG text, in the colours of the page around them."""

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 400.0
ROW: Final = 22.0
LETTER: Final = 6.8
"""Width of a letter, about."""


def svg(title: str, height: float, parts: Sequence[str]) -> str:
    """Return a whole plot; the title is for those who do not see it."""
    inside = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {digits(WIDTH)} {digits(height)}" '
        f'role="img" aria-label="{escape(title)}">{inside}</svg>'
    )


def stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a straight line."""
    ends = f'x1="{digits(x1)}" y1="{digits(y1)}" x2="{digits(x2)}" y2="{digits(y2)}"'
    return f'<line class="{kind}" {ends}/>'


def text_at(x: float, y: float, text: str, kind: str = "") -> str:
    """Return a word that begins there, or is in the middle ("mid") or ends ("end") there."""
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{digits(x)}" y="{digits(y)}">{escape(text)}</text>'


def shortened(name: str, width: float) -> str:
    """Return a name that fits into a width."""
    most = int((width - 4.0) / LETTER)
    return name if len(name) <= most else name[: most - 1] + "…"


def digits(value: float) -> str:
    """Return a coordinate, with one digit, as short as it goes."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"
