"""What Prometheus reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SCORES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
Figures: TypeAlias = Callable[[], Mapping[str, float]]


class Metrics:
    """Counts requests and decisions of this process.

    Metrics name routes, labels and versions, never a lead.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "lead_scoring_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lead_scoring_request_seconds",
            "How long answers took.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._scores = Histogram(
            "lead_scoring_score", "Scores of leads.", buckets=SCORES, registry=self.registry
        )
        self._labels = Counter(
            "lead_scoring_labels", "Labels of leads.", ("label",), registry=self.registry
        )
        self._degraded = Counter(
            "lead_scoring_degraded", "Answers without a model.", registry=self.registry
        )
        self._unrecorded = Counter(
            "lead_scoring_unrecorded",
            "Decisions that the database did not take.",
            registry=self.registry,
        )
        self._known: dict[tuple[str, str, int], Any] = {}
        self._times: dict[str, Any] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        place = (method, route, status)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._requests.labels(method, route, str(status))
            self._times.setdefault(route, self._seconds.labels(route))
        known.inc()
        self._times[route].observe(seconds)

    def decided(self, answers: Sequence[Mapping[str, Any]]) -> None:
        """Count answers about leads."""
        for answer in answers:
            self._labels.labels(answer["label"]).inc()
            if answer["score"] is not None:
                self._scores.observe(answer["score"])
            if answer["degraded"]:
                self._degraded.inc()

    def unrecorded(self, decisions: int) -> None:
        """Count decisions that could not be kept."""
        self._unrecorded.inc(decisions)

    def watch(self, figures: Figures) -> None:
        """Show figures as they are whenever somebody looks; names on `_total` only grow."""
        self.registry.register(State(figures))

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


class State(Collector):
    """Figures that are had only when somebody looks."""

    def __init__(self, figures: Figures) -> None:
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
}
