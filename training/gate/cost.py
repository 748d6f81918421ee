"""What a bundle costs: time for one lead, and room."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from features.records import assemble
from models.bundle.read import read_bundle
from models.scorer import Scorer

REPEATS = 20
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """Measured on a bundle.

    Parameters
    ----------
    latency_ms : float
        Median over the golden leads, each alone and explained.
    bundle_mb : float
        All files.
    """

    latency_ms: float
    bundle_mb: float


def measure(folder: Path, clock: Callable[[], float]) -> Cost:
    """Return what the bundle in a folder costs.

    Parameters
    ----------
    clock : callable
        Gives seconds, such as `time.perf_counter`.

    Raises
    ------
    BundleError
        When the bundle cannot be read.
    """
    scorer = Scorer(read_bundle(folder))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Cost(latency(scorer, clock), size / MEGABYTE)


def latency(scorer: Scorer, clock: Callable[[], float], repeats: int = REPEATS) -> float:
    """Return the median milliseconds of scoring one golden lead alone."""
    records = [lead.record for lead in scorer.bundle.golden.leads]
    for record in records:  # what is compiled or filled at first use is not measured
        scorer.score(*assemble([record]))
    taken = []
    for _ in range(repeats):
        for record in records:
            start = clock()
            scorer.score(*assemble([record]))
            taken.append(clock() - start)
    return median(taken) * 1000.0
