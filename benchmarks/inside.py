"""Time of the parts: features, contributions, scorer, and bulk scoring beside bare LightGBM."""

import statistics
import time
from collections.abc import Callable

import lightgbm
import numpy as np

from features.records import assemble
from models.bundle.bundle import Bundle
from models.explain.contributions import ContributionTables
from models.score.trees import trees_from_text
from models.scorer import Scorer
from tests.factories import make_record

BULK_LEADS = 2000


def seconds_of(work: Callable[[], object], *, rounds: int, repeats: int) -> float:
    """Return the median seconds of one call."""
    work()
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(repeats):
            work()
        found.append((time.perf_counter() - started) / repeats)
    return statistics.median(found)


def one_lead(bundle: Bundle, *, rounds: int) -> list[tuple[str, str]]:
    """Return the microseconds that one lead takes in each part."""
    scorer = Scorer(bundle)
    record = make_record(1)
    leads, activities = assemble([record])
    X = scorer.space.build(leads, activities).values
    assert bundle.model_text is not None, "the bench's model has trees"
    trees = trees_from_text(bundle.model_text)
    tables = ContributionTables.build(trees, scorer.space.about_of)
    scored = scorer.score(leads, activities)
    works: dict[str, Callable[[], object]] = {
        "columns of one lead": lambda: assemble([record]),
        "features of one lead": lambda: scorer.space.build(leads, activities),
        "margin and contributions": lambda: tables.explain(X),
        "scorer with ledger": lambda: scorer.score(leads, activities),
        "five reasons in words": lambda: scorer.reasons(scored, leads, 0),
    }
    return [
        (name, f"{seconds_of(work, rounds=rounds, repeats=200) * 1e6:.0f} us")
        for name, work in works.items()
    ]


def bulk(bundle: Bundle, *, n_leads: int, rounds: int) -> list[tuple[str, str]]:
    """Return rows per second of bulk scoring from columns, and of bare LightGBM."""
    scorer = Scorer(bundle)
    small = assemble([make_record(i) for i in range(BULK_LEADS)])
    rows = np.arange(n_leads) % BULK_LEADS
    leads, activities = small[0].take(rows), small[1].take(rows)
    X = np.concatenate([p.matrix.values for _, p in scorer.score_in_parts(leads, activities)])
    assert bundle.model_text is not None, "the bench's model has trees"
    booster = lightgbm.Booster(model_str=bundle.model_text)

    def score(*, explain: bool) -> None:
        for _ in scorer.score_in_parts(leads, activities, explain=explain):
            pass

    bare = seconds_of(lambda: booster.predict(X), rounds=rounds, repeats=1)
    without = seconds_of(lambda: score(explain=False), rounds=rounds, repeats=1)
    explained = seconds_of(lambda: score(explain=True), rounds=rounds, repeats=1)
    return [
        ("bare Booster.predict, ready matrix", f"{n_leads / bare:,.0f} rows/s"),
        ("bulk, score only", f"{n_leads / without:,.0f} rows/s, {bare / without:.2f} of bare"),
        ("bulk, with ledger", f"{n_leads / explained:,.0f} rows/s, {bare / explained:.2f} of bare"),
    ]
