"""Pictures of a training, drawn without any global state of the plotting library."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from features.arrays import FloatArray
from training.evaluate.figures import Judged

BINS = 10
MOST_BARS = 25


def draw_plots(
    folder: Path,
    judged: Judged,
    answer: str,
    importances: Sequence[tuple[str, float]],
) -> list[Path]:
    """Draw the plots of test leads at creation into a folder; return the files.

    Parameters
    ----------
    judged : Judged
        At creation.
    answer : str
        Name of the way to predict that is drawn; the others stand beside it.
    importances : sequence of (name, importance)
        Of attributes and activity kinds, the largest first.
    """
    files = [
        _save(folder / "reliability.png", lambda axes: _reliability(axes, judged, answer)),
        _save(folder / "lift.png", lambda axes: _lift(axes, judged)),
        _save(folder / "roc.png", lambda axes: _roc(axes, judged)),
        _save(folder / "precision_recall.png", lambda axes: _precision_recall(axes, judged)),
    ]
    if importances:
        shown = list(importances[:MOST_BARS])
        files.append(_save(folder / "importances.png", lambda axes: _bars(axes, shown)))
    return files


def _save(path: Path, draw: Callable[[Axes], None]) -> Path:
    figure = Figure(figsize=(6.0, 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.add_subplot())
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path


def _reliability(axes: Axes, judged: Judged, answer: str) -> None:
    probability = judged.probability[answer]
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    predicted = [float(probability[part].mean()) for part in parts]
    won = [float(judged.target[part].mean()) for part in parts]
    most = max(*predicted, *won, 1e-3) * 1.05
    axes.plot([0, most], [0, most], color="grey", linewidth=1, label="exactly right")
    axes.plot(predicted, won, marker="o", label="tenths of the test leads")
    _name(axes, "Reliability", "mean probability", "share won")


def _lift(axes: Axes, judged: Judged) -> None:
    share = np.arange(1, len(judged.target) + 1) / len(judged.target)
    for name, probability in judged.probability.items():
        order = np.argsort(-probability, kind="stable")
        caught = np.cumsum(judged.target[order]) / max(1.0, judged.target.sum())
        axes.plot(share, caught, label=name)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    _name(axes, "Wins among the best leads", "share of leads, best first", "share of wins")


def _roc(axes: Axes, judged: Judged) -> None:
    for name, probability in judged.probability.items():
        target = judged.target[np.argsort(-probability, kind="stable")]
        axes.plot(_share(1.0 - target), _share(target), label=name)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    _name(axes, "ROC", "share of the leads not won", "share of wins")


def _precision_recall(axes: Axes, judged: Judged) -> None:
    for name, probability in judged.probability.items():
        target = judged.target[np.argsort(-probability, kind="stable")]
        precision = np.cumsum(target) / np.arange(1, len(target) + 1)
        axes.plot(_share(target), precision, label=name)
    _name(axes, "Precision and recall", "share of wins", "precision")


def _bars(axes: Axes, shown: list[tuple[str, float]]) -> None:
    names = [name for name, _ in reversed(shown)]
    axes.barh(names, [value for _, value in reversed(shown)])
    axes.set_title("Importance")
    axes.tick_params(axis="y", labelsize=7)


def _share(counts: FloatArray) -> FloatArray:
    share: FloatArray = np.cumsum(counts) / max(1.0, float(counts.sum()))
    return share


def _name(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.legend(fontsize=8)
