"""Figures of all workers together."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

LEAST = ("lead_scoring_ready",)
MOST = tuple(f"lead_scoring_refused_{what}" for what in ("bundle", "agreement", "challenger"))
"""Gauges of which the worst worker's counts; all else adds up."""
GROWS = ("counter", "histogram")


class Figures(Protocol):
    """Turns what was counted into Prometheus' text."""

    def text(self, registry: CollectorRegistry) -> bytes:
        """Return the text."""

    def publish(self, registry: CollectorRegistry) -> None:
        """Let other workers know."""


class OwnFigures:
    """The only process' figures."""

    def text(self, registry: CollectorRegistry) -> bytes:
        """Return the text."""
        return generate_latest(registry)

    def publish(self, registry: CollectorRegistry) -> None:
        """Do nothing: there is nobody else."""


class SharedFigures:
    """Adds up what workers write into a folder, a file each.

    A worker that takes another's place goes on where that one had come to, so counters never
    fall. Figures of the others are as old as their last publishing.

    Parameters
    ----------
    folder : Path
        Shared by the workers.
    number : int
        This worker's.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._path = folder / f"figures-{number}.txt"
        self._before = [one for one in read(self._path) if one.type in GROWS]

    def publish(self, registry: CollectorRegistry) -> None:
        """Write this worker's figures, its predecessors' counts included."""
        text = generate_latest(Together([*registry.collect(), *self._before]))
        beside = self._path.with_suffix(".new")
        beside.write_bytes(text)
        os.replace(beside, self._path)

    def text(self, registry: CollectorRegistry) -> bytes:
        """Return all workers' figures as one text."""
        self.publish(registry)
        paths = sorted(self._folder.glob("figures-*.txt"))
        return generate_latest(Together([one for path in paths for one in read(path)]))


class Together(CollectorRegistry):
    """Metrics of the same name as one."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__()
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        """Return each metric once, with the samples of all."""
        found: dict[str, tuple[Metric, dict[tuple[str, tuple[tuple[str, str], ...]], float]]] = {}
        for metric in self._metrics:
            _, samples = found.setdefault(metric.name, (metric, {}))
            for sample in metric.samples:
                key = (sample.name, tuple(sample.labels.items()))
                held = samples.get(key)
                value = float(sample.value)
                samples[key] = value if held is None else both(metric.name, held, value)
        for metric, samples in found.values():
            joined = Metric(metric.name, metric.documentation, metric.type)
            for (name, labels), value in samples.items():
                joined.add_sample(name, dict(labels), value)
            yield joined


def both(name: str, one: float, other: float) -> float:
    """Return what two workers' figures come to.

    Examples
    --------
    >>> both("lead_scoring_under_way", 2, 3), both("lead_scoring_ready", 1, 0)
    (5, 0)
    """
    if name in LEAST:
        return min(one, other)
    return max(one, other) if name in MOST else one + other


def read(path: Path) -> list[Metric]:
    """Return the metrics of a file, none where it is not there."""
    if not path.is_file():
        return []
    return list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
