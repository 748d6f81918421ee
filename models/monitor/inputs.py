"""Whether leads still look as they did when the model was trained."""

from collections import Counter

import numpy as np

from features.arrays import BoolArray, FloatArray
from features.column import Column
from models.explain.evidence import wilson_interval
from models.monitor.budget import LOOKS, Budget, threshold
from models.monitor.compared import (
    MOST_CATEGORIES,
    binned,
    compare,
    is_missing,
    is_number,
    key_of,
    score_bins,
)
from models.monitor.detector import bernoulli_ratio, follow
from models.monitor.observed import Observed
from models.monitor.reference import Reference
from models.monitor.verdict import State, Verdict

WINDOW = 1_000
"""Fewer leads tell too little: daily windows of 30 alarm nearly always."""
LOOKED_AT = 2_000
EVERY = 10
LARGE = 0.1
"""Share of leads that are others, from which on somebody should act."""
SMALL = 0.05
"""Smaller changes are no news, however sure they are."""
GONE = np.array([0.1, 0.3, 0.6, 0.95])
"""Shares of the known values that may have gone missing."""
NEARLY_ALL = 0.98
MARGIN = 0.01
Z_999 = 3.29
"""Both-sided 99.9 % quantile of the normal distribution."""


def check_inputs(reference: Reference, observed: Observed, budget: Budget) -> list[Verdict]:
    """Return a verdict per attribute, on the newest 1,000 leads."""
    names = [name for name in reference.fields if name in observed.fields]
    window = observed.newest(WINDOW)
    if window.n_leads < WINDOW:
        return [_too_few("inputs", window.n_leads)]
    risk = _window_risk(len(names), budget)
    found = []
    for at, name in enumerate(names):
        old, new = reference.fields[name], window.fields[name]
        apart = compare(*binned(old, new), risk, seed=at)
        figures = {
            "leads": window.n_leads,
            "reference_leads": reference.n_leads,
            "distance": apart.distance,
            "p_value": apart.p_value,
            "missing_share": float(missing(new).mean()),
            "reference_missing_share": float(missing(old).mean()),
        }
        state = _state(apart.p_value, risk, apart.distance)
        says = "channels" if name == "channel" else "inputs"
        found.append(Verdict("inputs", name, state, f"{says}_{state}", figures))
        new_one = _new_category(old, new, risk)
        if new_one is not None:
            found.append(Verdict("categories", name, *new_one))
    return found


def check_scores(reference: Reference, observed: Observed, budget: Budget) -> list[Verdict]:
    """Return whether the model's probabilities are spread as they were on the reference."""
    known = observed.take(np.flatnonzero(~np.isnan(observed.probability))).newest(WINDOW)
    if known.n_leads < WINDOW:
        return [_too_few("scores", known.n_leads)]
    risk = _window_risk(len(reference.fields), budget)
    apart = compare(*score_bins(reference.scores, known.probability), risk, seed=0)
    state = _state(apart.p_value, risk, apart.distance)
    figures = {
        "leads": known.n_leads,
        "mean_rate": float(known.probability.mean()),
        "reference_mean_rate": float(reference.scores.mean()),
        "distance": apart.distance,
        "p_value": apart.p_value,
    }
    return [Verdict("scores", None, state, f"scores_{state}", figures)]


def check_emptied(
    reference: Reference, observed: Observed, budget: Budget, now: int
) -> list[Verdict]:
    """Return the fields that are missing more often than they were, and how many are not.

    A sequential test without a window: it notices a field that is empty from now on after a
    few leads. Fields that nearly always were empty cannot be watched.
    """
    names = [name for name in reference.fields if name in observed.fields]
    usual = np.array([_most_missing(reference.fields[name]) for name in names])
    names = [name for name, share in zip(names, usual, strict=True) if share < NEARLY_ALL]
    usual = usual[usual < NEARLY_ALL]
    newest = observed.newest(LOOKED_AT)
    if not newest.n_leads or not names:
        return [Verdict("emptied", None, "fine", "emptied_fine", {"fields": 0, "leads": 0})]
    gone = np.stack([missing(newest.fields[name]) for name in names], axis=1).astype(np.float64)
    instead = usual[:, None] + (1.0 - usual[:, None]) * GONE
    ratios = bernoulli_ratio(gone[:, :, None], usual[:, None], instead)[:, :, None, :]
    bar = threshold(budget.emptied / len(names), newest.n_leads, observed, now, EVERY)
    noticed = follow(ratios, bar, EVERY)
    found = [
        _emptied(names[at], gone[:, at], float(missing(reference.fields[names[at]]).mean()), since)
        for at, since in enumerate(noticed.since.tolist())
        if since >= 0
    ]
    figures = {"fields": len(names) - len(found), "leads": newest.n_leads}
    return [*found, Verdict("emptied", None, "fine", "emptied_fine", figures)]


def missing(column: Column) -> BoolArray:
    """Return which rows have no value."""
    return np.array([is_missing(value) for value in column.values], dtype=np.bool_)[column.codes]


def _emptied(name: str, gone: FloatArray, usual: float, since: int) -> Verdict:
    recent = gone[max(since - EVERY, 0) :]
    share = float(recent.mean())
    figures = {
        "missing_share": share,
        "reference_missing_share": usual,
        "leads": len(recent),
        "noticed_leads_ago": len(gone) - since,
    }
    state: State = "act" if share - usual >= LARGE else "watch"
    return Verdict("emptied", name, state, f"emptied_{state}", figures)


def _most_missing(column: Column) -> float:
    """Return the upper end of the usual share: 99.9 %, and a little more."""
    gaps = missing(column)
    _, high = wilson_interval(np.array([gaps.sum()]), np.array([len(gaps)]), z=Z_999)
    return min(float(high[0]) + MARGIN, 1.0)


def _new_category(
    old: Column, new: Column, risk: float
) -> tuple[State, str, dict[str, object]] | None:
    """Return the most frequent value that the reference never had, where that is no chance.

    Had the value always been there, all its leads would be in the window with a chance of
    (window / both) ** leads; so many values could have been the one.
    """
    if any(is_number(value) for value in old.values):
        return None
    before = _counted(old)
    known = {name: n for name, n in _counted(new).items() if name is not None}
    fresh = Counter({name: n for name, n in known.items() if name not in before})
    if not fresh or len(before) > 10 * MOST_CATEGORIES:
        return None
    _, times = fresh.most_common(1)[0]
    n = len(new.codes)
    chance = (n / (n + len(old.codes))) ** times * len(before.keys() | known.keys())
    share = sum(fresh.values()) / n
    if chance >= risk:
        return None
    state: State = "act" if share >= LARGE else "watch"
    figures: dict[str, object] = {"leads": n, "values": len(fresh), "new_share": share}
    return state, f"categories_{state}", figures


def _counted(column: Column) -> "Counter[object]":
    times = np.bincount(column.codes, minlength=len(column.values)).tolist()
    found: Counter[object] = Counter()
    for value, n in zip(column.values, times, strict=True):
        if n:
            found[key_of(value)] += n
    return found


def _window_risk(fields: int, budget: Budget) -> float:
    """Return the risk of one comparison: each field twice, and the scores, each day."""
    return budget.windows / ((2 * fields + 1) * LOOKS)


def _state(p_value: float, risk: float, distance: float) -> State:
    if p_value > risk or distance < SMALL:
        return "fine"
    return "act" if distance >= LARGE else "watch"


def _too_few(check: str, leads: int) -> Verdict:
    return Verdict(check, None, "fine", "too_few", {"leads": leads, "least_leads": WINDOW})
