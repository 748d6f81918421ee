from itertools import count
from pathlib import Path

from models.bundle.read import read_bundle
from models.bundle.write import write_bundle
from models.scorer import Scorer
from tests.factories import make_bundle
from training.gate.cost import latency, measure


def test_the_median_of_single_leads_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    write_bundle(folder, make_bundle(n_leads=300, trees=3))
    seconds = count(step=0.004)
    cost = measure(folder, lambda: next(seconds))
    assert round(cost.latency_ms, 9) == 4.0
    files = sum(len(path.read_bytes()) for path in folder.rglob("*") if path.is_file())
    assert cost.bundle_mb == files / 1e6


def test_each_lead_is_measured_so_often(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle", make_bundle(n_leads=300, trees=3))
    scorer = Scorer(read_bundle(tmp_path / "bundle"))
    calls = 0

    def clock() -> float:
        nonlocal calls
        calls += 1
        return float(calls)

    latency(scorer, clock, repeats=5)
    assert calls == 2 * 5 * len(scorer.bundle.golden.leads)
