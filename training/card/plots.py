"""The plots of a card, drawn from a report."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from models.effects import Effect
from training.card.amounts import MINUS, channel_name, difference, plain, segment_name, share
from training.card.axis import Axis
from training.card.bars import Bar, bar_plot, interval_plot
from training.card.blocks import Plot
from training.card.lines import Dot, Line, xy_plot
from training.card.text import way

LINES: Final = ("base_rate",)
"""Ways to predict that lie on the diagonal of most plots: not drawn."""
MOST_PARTS: Final = 15
FULL = Axis("", 0.0, 1.0, lambda value: share(value, 0))


def reliability(tenths: Sequence[Mapping[str, Any]], caption: str) -> Plot:
    """Return predicted probabilities beside the shares that were won."""
    dots = [Dot(row["predicted"], row["rate"], *row["interval"]) for row in tenths]
    most = max([0.05, *(dot.x for dot in dots), *(dot.high for dot in dots)]) * 1.03
    digits = 0 if most > 0.05 else 1
    x, y = (
        Axis(name, 0.0, min(1.0, most), lambda value: share(value, digits))
        for name in ("mean probability", "share won, 95 % interval")
    )
    return Plot("reliability", caption, xy_plot(caption, x, y, [], dots=dots, guide=True))


def lines(
    name: str, caption: str, axes: tuple[str, str], found: Mapping[str, Any], answer: str
) -> Plot:
    """Return a line for each way to predict, the answer's first.

    Parameters
    ----------
    axes : pair of str
        Names of both.
    """
    drawn = [other for other in found if other != answer and other not in LINES]
    shown = [Line(way(one), found[one]) for one in (answer, *drawn) if found[one]]
    is_precision = name == "precision_recall"
    most = max((point[1] for line in shown for point in line.points), default=1.0)
    x = Axis(axes[0], 0.0, 1.0, FULL.text)
    y = Axis(axes[1], 0.0, max(most, 0.05) if is_precision else 1.0, FULL.text)
    return Plot(name, caption, xy_plot(caption, x, y, shown, guide=not is_precision))


def differences(found: Mapping[str, Mapping[str, Any]], caption: str) -> Plot:
    """Return paired differences in log loss with intervals."""
    rows = [Bar(way(name), one["log_loss"], _pair(one["interval"])) for name, one in found.items()]
    drawn = interval_plot(caption, "difference in log loss", rows, at=0.0, text=_short)
    return Plot("differences", caption, drawn)


def channel_calibration(channels: Sequence[Mapping[str, Any]], caption: str) -> Plot:
    """Return wins over expected wins by channel."""
    return _calibration("channels", channels, channel_name, caption)


def segment_calibration(segments: Sequence[Mapping[str, Any]], caption: str) -> Plot:
    """Return wins over expected wins by segment."""
    return _calibration("segments", segments, segment_name, caption)


def _calibration(
    name: str,
    parts: Sequence[Mapping[str, Any]],
    name_of: Callable[[Mapping[str, Any]], str],
    caption: str,
) -> Plot:
    rows = [
        Bar(
            name_of(row),
            row["observed_expected"] or 0.0,
            _pair(row["observed_expected_interval"]),
        )
        for row in parts[:MOST_PARTS]
    ]
    drawn = interval_plot(caption, "won / expected to be won", rows, at=1.0, text=_short)
    return Plot(name, caption, drawn)


def importances(found: Sequence[Mapping[str, Any]], caption: str) -> Plot:
    """Return the mean absolute contribution of each thing."""
    bars = [Bar(plain(str(row["about"])), float(row["mean_points"])) for row in found]
    return Plot("importances", caption, bar_plot(caption, bars, lambda value: f"{value:.1f}"))


def effect(found: Effect, caption: str) -> Plot:
    """Return what the values of an attribute add to the score."""
    bars = [Bar(value.name, value.points) for value in found.values]
    name = "effect_" + "".join(c if c.isalnum() else "_" for c in found.about)
    return Plot(name, caption, bar_plot(caption, bars, lambda value: difference(value, 1)))


def delays(found: Mapping[str, Any], caption: str) -> Plot:
    """Return by which day which share of wins comes, as seen and corrected."""
    rows = found["by_share"]
    most = max(row[key] for row in rows for key in ("seen_days", "corrected_days"))
    x = Axis("days from creation to the win", 0.0, max(1.0, most), lambda value: f"{value:.0f}")
    y = Axis("share of wins", 0.0, 1.0, FULL.text)
    shown = [
        Line(name, [(0.0, 0.0), *((row[key], row["share"]) for row in rows)])
        for name, key in (("corrected", "corrected_days"), ("as seen", "seen_days"))
    ]
    return Plot("delays", caption, xy_plot(caption, x, y, shown))


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", MINUS)


def _pair(interval: Sequence[float | None]) -> tuple[float, float] | None:
    low, high = interval
    return None if low is None or high is None else (low, high)
