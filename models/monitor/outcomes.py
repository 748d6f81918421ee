"""Whether leads come out as was predicted."""

import numpy as np

from features.arrays import FloatArray
from features.column import Column
from features.moment import DAY
from models.explain.evidence import wilson_interval
from models.monitor.auc import auc_with_error
from models.monitor.bets import TOLERATED, bets_on_outcomes, log_odds
from models.monitor.budget import LOOKS, Budget, threshold
from models.monitor.compared import key_of
from models.monitor.detector import Noticed, follow
from models.monitor.observed import Observed
from models.monitor.quantile import normal_quantile
from models.monitor.reference import Reference
from models.monitor.verdict import State, Verdict
from models.score.points import probability_of

LOOKED_AT = 2_000
CHANGED_SINCE = 600
"""A changed concept is looked for since so many matured leads: the fewer moments at which it may
have begun, the less evidence it takes. Smaller changes show in ranking and channels."""
EVERY = 25
LEAST_OF_CHANNEL = 50
LEAST_WINS = 20
LEAST_EXPECTED = 5.0


def check_concept(
    reference: Reference, observed: Observed, budget: Budget, now: int
) -> list[Verdict]:
    """Return whether outcomes still follow predictions, over all leads and in each channel.

    A sequential test on matured leads: bets that the level or the ranking has changed since
    some moment, against every level and slope near the predicted ones.
    """
    ripe = observed.matured(now, reference.horizon_days).newest(LOOKED_AT)
    if not ripe.n_leads:
        return [Verdict("concept", None, "fine", "no_outcomes", {"leads": 0})]
    won = ripe.won(reference.horizon_days)
    newest, own = ripe.newest(CHANGED_SINCE), won[-CHANGED_SINCE:]
    noticed = _bets(newest, own, budget.concept, observed, now)
    state: State = "act" if noticed.since[0] >= 0 else "fine"
    figures = _figures(newest.probability, own, noticed)
    found = [Verdict("concept", None, state, f"concept_{state}", figures)]
    return found + _channels(ripe, won, budget, observed, now)


def check_discrimination(
    reference: Reference, observed: Observed, budget: Budget, now: int
) -> list[Verdict]:
    """Return whether the ranking of matured leads is as good as it was out of time."""
    ripe = observed.matured(now, reference.horizon_days).newest(LOOKED_AT)
    won = ripe.won(reference.horizon_days)
    enough = min(won.sum(), len(won) - won.sum(), reference.won.sum()) >= LEAST_WINS
    if not enough:
        figures: dict[str, object] = {"wins": int(won.sum()), "least_wins": LEAST_WINS}
        return [Verdict("discrimination", None, "fine", "too_few_wins", figures)]
    auc, error = auc_with_error(ripe.probability, won)
    before, before_error = auc_with_error(reference.probability, reference.won)
    z = (before - auc) / max(np.hypot(error, before_error), 1e-9)
    state: State = "act" if z > normal_quantile(1.0 - budget.discrimination / LOOKS) else "fine"
    figures = {
        "leads": ripe.n_leads,
        "wins": int(won.sum()),
        "auc": auc,
        "auc_low": max(auc - 1.96 * error, 0.0),
        "auc_high": min(auc + 1.96 * error, 1.0),
        "reference_auc": before,
    }
    return [Verdict("discrimination", None, state, f"discrimination_{state}", figures)]


def check_early(
    reference: Reference, observed: Observed, budget: Budget, now: int
) -> list[Verdict]:
    """Return whether wins come as fast and often as predicted, before the horizon is over.

    A lead of some age is expected to be won by now with its probability times the share of the
    wins within the horizon that come by that age. Too few or too many may also mean that wins
    take longer or shorter than they did, so that this is something to watch, not to act on.
    """
    horizon = reference.horizon_days
    open_ = observed.take(np.flatnonzero(~np.isnan(observed.probability)))
    if horizon is None or not len(reference.delay_days) or not open_.n_leads:
        return [Verdict("early", None, "fine", "no_delays", {})]
    age = (now - open_.at) / DAY
    young = open_.take(np.flatnonzero((age < horizon) & (age > 0)))
    age = (now - young.at) / DAY
    curve = np.interp([*age, horizon], reference.delay_days, reference.delay_share)
    chance = young.probability * np.minimum(curve[:-1] / curve[-1], 1.0)
    won = young.won(horizon)
    expected = float(chance.sum())
    figures: dict[str, object] = {
        "leads": young.n_leads,
        "wins": int(won.sum()),
        "expected_wins": expected,
    }
    if expected < LEAST_EXPECTED:
        return [Verdict("early", None, "fine", "early_few", figures)]
    risk = budget.early / LOOKS
    p_value = _p_value(chance, int(won.sum()))
    state: State = "watch" if p_value <= risk else "fine"
    return [Verdict("early", None, state, f"early_{state}", figures | {"p_value": p_value})]


def _channels(
    ripe: Observed, won: FloatArray, budget: Budget, observed: Observed, now: int
) -> list[Verdict]:
    column = ripe.fields.get("channel", Column([None], np.zeros(ripe.n_leads, np.int32)))
    keys = [key_of(value) for value in column.values]
    of = np.array([keys.index(key) for key in keys], dtype=np.int64)[column.codes]
    places = [p for p in np.unique(of).tolist() if keys[p] is not None]
    places = [p for p in places if (of == p).sum() >= LEAST_OF_CHANNEL]
    found = []
    for place in places:
        rows = np.flatnonzero(of == place)
        some, own = ripe.take(rows), won[rows]
        noticed = _bets(some, own, budget.channels / len(places), observed, now)
        state: State = "act" if noticed.since[0] >= 0 else "fine"
        figures = _figures(some.probability, own, noticed)
        found.append(
            Verdict("channel", str(column.values[place]), state, f"channel_{state}", figures)
        )
    return found


def _bets(ripe: Observed, won: FloatArray, risk: float, observed: Observed, now: int) -> Noticed:
    ratios = bets_on_outcomes(ripe.probability, won)
    return follow(ratios, threshold(risk, ripe.n_leads, observed, now, EVERY), EVERY)


def _figures(probability: FloatArray, won: FloatArray, noticed: Noticed) -> dict[str, object]:
    since = int(noticed.since[0])
    low, high = wilson_interval(np.array([won.sum()]), np.array([len(won)]))
    expected = float(probability.sum())
    return {
        "leads": len(won),
        "wins": int(won.sum()),
        "observed_rate": float(won.mean()),
        "low_rate": float(low[0]),
        "high_rate": float(high[0]),
        "predicted_rate": float(probability.mean()),
        "observed_to_expected": float(won.sum()) / max(expected, 1e-9),
        "noticed_leads_ago": len(won) - since if since >= 0 else None,
    }


def _p_value(chance: FloatArray, wins: int) -> float:
    """Return how often chance alone gives wins so far from the expected ones, two-sided.

    Levels that are tolerated are no change: the nearest of them is the null.
    """
    shift = TOLERATED if wins > chance.sum() else -TOLERATED
    near = probability_of(log_odds(chance) + shift)
    if (near.sum() - wins) * shift > 0:
        return 1.0
    up_to = _chances(near, wins)
    tail = 1.0 - up_to[:-1].sum() if shift > 0 else up_to.sum()
    return float(np.clip(2.0 * tail, 0.0, 1.0))


def _chances(chance: FloatArray, most: int) -> FloatArray:
    """Return the exact chance of 0 to `most` wins among leads of different probabilities."""
    found = np.zeros(most + 1)
    found[0] = 1.0
    for one in chance.tolist():
        more = found[:-1] * one
        found *= 1.0 - one
        found[1:] += more
    return found
