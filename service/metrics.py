"""What Prometheus reads."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, TypeAlias

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from service.figures import Figures, OwnFigures

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SCORES = (0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0)
Watched: TypeAlias = Callable[[], Mapping[str, float]]


class Spread:
    """How often values fell up to each bound, and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def told(self) -> tuple[list[tuple[str, float]], float]:
        """Return the counts up to each bound, and the sum, as Prometheus takes them."""
        names = [*map(str, self._bounds), "+Inf"]
        return list(zip(names, map(float, accumulate(self._counts)), strict=True)), self._sum


class Metrics(Collector):
    """Counts requests and decisions of this process, and tells them with those of others.

    Metrics name routes, labels and versions, never a lead. They are plain numbers until somebody
    looks, since every request adds to them; the event loop alone does.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.figures: Figures = OwnFigures()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: dict[str, Spread] = {}
        self._scores = Spread(SCORES)
        self._labels: Counter[str] = Counter()
        self._degraded = 0
        self._unrecorded = 0
        self.registry.register(self)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests[method, route, status] += 1
        spread = self._seconds.get(route)
        if spread is None:
            spread = self._seconds[route] = Spread(SECONDS)
        spread.add(seconds)

    def decided(self, answers: Sequence[Mapping[str, Any]]) -> None:
        """Count answers about leads."""
        for answer in answers:
            self._labels[answer["label"]] += 1
            if answer["score"] is not None:
                self._scores.add(answer["score"])
            self._degraded += answer["degraded"]

    def unrecorded(self, decisions: int) -> None:
        """Count decisions that could not be kept."""
        self._unrecorded += decisions

    def watch(self, figures: Watched) -> None:
        """Show figures as they are whenever somebody looks; names on `_total` only grow."""
        self.registry.register(State(figures))

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return self.figures.text(self.registry)

    def publish(self) -> None:
        """Let other workers tell what was counted here."""
        self.figures.publish(self.registry)

    def describe(self) -> Iterable[Metric]:
        """Say nothing before somebody looks."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return what was counted."""
        requests = CounterMetricFamily(
            "lead_scoring_requests",
            "Requests that were answered.",
            labels=("method", "route", "status"),
        )
        for (method, route, status), count in self._requests.items():
            requests.add_metric((method, route, str(status)), count)
        yield requests
        seconds = HistogramMetricFamily(
            "lead_scoring_request_seconds", "How long answers took.", labels=("route",)
        )
        for route, spread in self._seconds.items():
            seconds.add_metric((route,), *spread.told())
        yield seconds
        yield HistogramMetricFamily("lead_scoring_score", "Scores of leads.", *self._scores.told())
        labels = CounterMetricFamily("lead_scoring_labels", "Labels of leads.", labels=("label",))
        for label, count in self._labels.items():
            labels.add_metric((label,), count)
        yield labels
        yield CounterMetricFamily(
            "lead_scoring_degraded", "Answers without a model.", value=self._degraded
        )
        yield CounterMetricFamily(
            "lead_scoring_unrecorded",
            "Decisions that the database did not take.",
            value=self._unrecorded,
        )


class State(Collector):
    """Figures that are had only when somebody looks."""

    def __init__(self, figures: Watched) -> None:
        self._figures = figures

    def describe(self) -> Iterable[Metric]:
        """Say nothing before somebody looks."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the figures."""
        for name, value in self._figures().items():
            text = WORDS[name]
            full = f"lead_scoring_{name}"
            if name.endswith("_total"):
                yield CounterMetricFamily(full, text, value=value)
            else:
                yield GaugeMetricFamily(full, text, value=value)


WORDS = {
    "ready": "Whether a model answers.",
    "refused_bundle": "Whether the newest bundle was refused, so that an older one answers.",
    "refused_agreement": "Whether the newest agreement was refused.",
    "model_loads_total": "Models that were taken up.",
    "model_refusals_total": "Bundles that were refused.",
    "under_way": "Requests under way; a batch counts as 50.",
    "shed_total": "Requests that were refused because there was too much to do.",
    "waiting_decisions": "Requests whose decisions wait to be written.",
    "refused_challenger": "Whether the challenger was refused, so that nothing is compared.",
    "challenger_refusals_total": "Challengers that were refused.",
    "shadow_waiting": "Decisions that wait to be scored by the challenger.",
    "shadow_compared_total": "Decisions that were scored by the challenger, too.",
    "shadow_dropped_total": "Decisions that were not, since there was too much to do.",
}
