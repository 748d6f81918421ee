"""Bulk scoring with reasons beside LightGBM's own contributions on a ready matrix."""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np

from features.arrays import FloatArray
from features.records import assemble
from models.bundle.bundle import Bundle
from models.explain.contributions import ContributionTables
from models.explain.speed import measure_contributions
from models.score.trees import trees_from_text
from models.scorer import ROWS_AT_ONCE, Scorer
from tests.factories import make_record
from tests.models.boosted import boosted

DISTINCT = 2000
REASONS = 3
PARTS = 4
"""Of the scorer's, for each core."""
EXACT = 1e-6
MODELS = ((200, 15), (300, 31))
"""Trees and leaves of the models whose contributions are measured alone."""
FEATURES = 60


def explained(bundle: Bundle, *, rounds: int) -> list[tuple[str, str]]:
    """Return rows per second of the same leads on the same cores.

    LightGBM is given the finished matrix. Ours is measured on that matrix, and from columns:
    features, margin, contributions, ledger, evidence, and the reasons as sentences.
    """
    workers = os.cpu_count() or 1
    n_leads = PARTS * workers * ROWS_AT_ONCE
    scorer = Scorer(bundle)
    small = assemble([make_record(i) for i in range(DISTINCT)])
    rows = np.arange(n_leads) % DISTINCT
    leads, activities = small[0].take(rows), small[1].take(rows)
    X = np.concatenate([p.matrix.values for _, p in scorer.score_in_parts(leads, activities)])
    assert bundle.model_text is not None, "the bench's model has trees"
    booster = lightgbm.Booster(model_str=bundle.model_text)
    tables = ContributionTables.build(trees_from_text(bundle.model_text))
    parts = np.array_split(X, workers)

    def with_reasons() -> None:
        for part, scored in scorer.score_in_parts(leads, activities, explain=True):
            scorer.reason_lines(scored, leads.take(part), top=REASONS)

    with ThreadPoolExecutor(workers) as pool:
        ours: dict[str, Callable[[], object]] = {
            "contributions, ready matrix": lambda: list(pool.map(tables.contributions, parts)),
            "bulk, ledger and 3 reasons in words": with_reasons,
        }
        for work in ours.values():
            work()
        theirs, found = [], {name: list[float]() for name in ours}
        for _ in range(rounds):
            theirs.append(_seconds(lambda: _contributions(booster, X, workers)))
            for name, work in ours.items():
                found[name].append(_seconds(work))
        own = np.concatenate(list(pool.map(tables.contributions, parts)))
    apart = float(np.abs(own - _contributions(booster, X, workers)[:, :-1]).max())
    if apart > EXACT:
        raise SystemExit(f"contributions differ by {apart:.1e}, expected at most {EXACT:g}")
    bare = f"{n_leads / statistics.median(theirs):,.0f} rows/s"
    table = [("bare pred_contrib, ready matrix", f"{bare}; ours differ by {apart:.0e}")]
    for name, seconds in found.items():
        ratio = statistics.median(a / b for a, b in zip(theirs, seconds, strict=True))
        rate = n_leads / statistics.median(seconds)
        table.append((name, f"{rate:,.0f} rows/s, {ratio:.1f} of bare"))
    return table


def alone() -> list[str]:
    """Return a table of contributions without anything else, on one core, as Markdown."""
    names = ["one row explained", "`pred_contrib`", "many rows explained, per row"]
    names += ["margins of many, per row", "`Booster.predict`, per row"]
    lines = [f"| model | {' | '.join(names)} |", "| --- " * (1 + len(names)) + "|"]
    for trees, leaves in MODELS:
        model = boosted(0, n_trees=trees, n_features=FEATURES, num_leaves=leaves)
        speed = measure_contributions(model.text, model.X)
        told = " | ".join(
            f"{microseconds:,.{0 if microseconds >= 10 else 2}f} us" for microseconds in speed
        )
        lines.append(f"| {trees} trees, {leaves} leaves | {told} |")
    return lines


def _contributions(booster: lightgbm.Booster, X: FloatArray, threads: int) -> FloatArray:
    return np.asarray(booster.predict(X, pred_contrib=True, num_threads=threads))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
