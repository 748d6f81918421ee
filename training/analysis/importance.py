"""What matters to a model, how, for whom, and together with what."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from features.arrays import FloatArray, IntArray
from features.errors import SchemaError
from features.leads import Leads
from models.bundle.reference import ReferenceLeads
from models.effects import effects
from models.score.points import POINTS_PER_LOGIT
from training.analysis.loaded import LoadedModel
from training.evaluate.metrics import log_odds, row_log_loss
from training.evaluate.paired import paired

MOST_ROWS = 4000
CHANNEL = "channel"
CATEGORIES = ("category", "country", "boolean")
UNKNOWN = "not known"
REPEATS = 5
Z_95 = 1.959964


def importances(model: LoadedModel, *, seed: int = 0, repeats: int = REPEATS) -> pd.DataFrame:
    """Return how much each thing matters, the strongest first.

    Parameters
    ----------
    model : LoadedModel
    seed : int
        Of the shuffling.
    repeats : int
        How often each thing is shuffled.

    Returns
    -------
    DataFrame
        `about`, `family`; `mean_points`, the mean absolute contribution; `gain`, the share of
        the trees' gain; `loss_increase` with `low` and `high` (95 %, over accounts): how much
        the log loss grows when its values are shuffled among the leads (Breiman, Random
        forests, 2001). The model has learned from most of these leads, so this says what it
        uses, not what would help with new ones.
    """
    told = pd.DataFrame(model.scorer.importances())
    seen = _sample(model)
    X = seen.features(model.scorer.space)
    won = seen.won.astype(np.float64)
    before = row_log_loss(model.scorer.probabilities(X, seen.leads), won)
    rng = np.random.default_rng(seed)
    rows = {}
    for about in told["about"]:
        grown = np.zeros(seen.n_rows)
        for _ in range(repeats):
            order = rng.permutation(seen.n_rows)
            probability = _shuffled(model, X, seen.leads, [about], order)
            grown += (row_log_loss(probability, won) - before) / repeats
        mean, error = paired(grown, seen.weight, seen.group)
        rows[about] = (mean, mean - Z_95 * error, mean + Z_95 * error)
    names = ["loss_increase", "low", "high"]
    shuffled = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return told.join(shuffled, on="about")[["about", "family", "mean_points", "gain", *names]]


def importances_by(
    model: LoadedModel, what: str = CHANNEL, *, most: int = 8, most_groups: int = 10
) -> pd.DataFrame:
    """Return the mean absolute contribution in points of what matters most, by group of leads.

    Parameters
    ----------
    model : LoadedModel
    what : str
        "channel", "source" or an attribute, whose values are the groups.
    most, most_groups : int
        How many rows and columns at most.

    Returns
    -------
    DataFrame
        A row per thing, a column per group, those of most leads first.

    Raises
    ------
    SchemaError
        When the model knows no such attribute.
    """
    seen = _sample(model)
    X = seen.features(model.scorer.space)
    names = [about.name for about in model.scorer.space.abouts]
    points = pd.DataFrame(np.abs(model.scorer.contributions(X, seen.leads)), columns=names)
    group = _groups(model, seen, what)
    table = points.groupby(group).mean().T
    strongest = points.mean().sort_values(ascending=False).index[:most]
    return table.loc[strongest, group.value_counts().index[:most_groups]]


def segment_name(model: LoadedModel, wished: str = "") -> str:
    """Return by what leads are cut into segments.

    Parameters
    ----------
    model : LoadedModel
    wished : str
        An attribute, or "source"; default: the one that the mapping named, else the category
        that matters most, else the source.
    """
    segments = model.scorer.manifest.segments
    if wished or segments is not None:
        return wished or (segments.about if segments is not None else "")
    kinds = {spec.name: spec.type for spec in model.scorer.space.attributes}
    ranked = (str(row["about"]) for row in model.scorer.importances())
    return next((one for one in ranked if kinds.get(one) in CATEGORIES), "source")


def effect_table(model: LoadedModel, *, most: int = 8) -> pd.DataFrame:
    """Return what the values of what matters most add to the score.

    Returns
    -------
    DataFrame
        `about`, `shown` (which of its features), `value`, `leads`, `won` (share), `points`.
    """
    rows = [
        (one.about, one.shown, value.name, value.leads, value.rate, value.points)
        for one in effects(model.scorer, most)
        for value in one.values
    ]
    return pd.DataFrame(rows, columns=["about", "shown", "value", "leads", "won", "points"])


def interactions(model: LoadedModel, *, seed: int = 0, most: int = 6) -> pd.DataFrame:
    """Return which pairs of what matters most do more together than each alone.

    For a lead, what the pair adds beyond both alone is f(x) - f(x without A) - f(x without B)
    + f(x without both), where without means with another lead's values. It is 0 for every pair
    of a model that adds up (Friedman and Popescu, Predictive learning via rule ensembles, 2008).

    Returns
    -------
    DataFrame
        `first`, `second`, `points` (mean absolute), the strongest first.
    """
    seen = _sample(model)
    X = seen.features(model.scorer.space)
    order = np.random.default_rng(seed).permutation(seen.n_rows)
    names = [str(row["about"]) for row in model.scorer.importances()[:most]]
    whole = log_odds(model.scorer.probabilities(X, seen.leads))
    alone = {one: log_odds(_shuffled(model, X, seen.leads, [one], order)) for one in names}
    rows = []
    for first, second in combinations(names, 2):
        both = log_odds(_shuffled(model, X, seen.leads, [first, second], order))
        beyond = whole - alone[first] - alone[second] + both
        rows.append((first, second, float(np.abs(beyond).mean()) * POINTS_PER_LOGIT))
    table = pd.DataFrame(rows, columns=["first", "second", "points"])
    return table.sort_values("points", ascending=False, ignore_index=True)


def _groups(model: LoadedModel, seen: ReferenceLeads, what: str) -> pd.Series:
    leads = seen.leads
    known = {CHANNEL: leads.channel, "source": leads.source}
    if what not in known and what not in model.scorer.space.attribute_names:
        raise SchemaError(f"{what}: the model knows no such attribute")
    column = known[what] if what in known else leads.attribute(what)
    names = [UNKNOWN if value is None else str(value) for value in column.values]
    return pd.Series(np.array(names, dtype=object)[column.codes])


def _sample(model: LoadedModel) -> ReferenceLeads:
    seen = model.reference
    every = max(1, -(-seen.n_rows // MOST_ROWS))
    return seen.take(np.arange(0, seen.n_rows, every))


def _shuffled(
    model: LoadedModel, X: FloatArray, leads: Leads, abouts: list[str], order: IntArray
) -> FloatArray:
    """Return the probabilities with the values of some things taken from other leads."""
    X, space = X.copy(), model.scorer.space
    for column in _columns(model, abouts):
        X[:, column] = X[order, column]
    changed = {
        name: getattr(leads, name).take(order) for name in ("channel", "source") if name in abouts
    }
    own = {
        name: column.take(order) if name in abouts else column
        for name, column in leads.attributes.items()
    }
    assert X.shape[1] == len(space.features)
    return model.scorer.probabilities(X, replace(leads, attributes=own, **changed))


def _columns(model: LoadedModel, abouts: list[str]) -> Iterator[int]:
    space = model.scorer.space
    for column, about in enumerate(space.about_of.tolist()):
        if space.abouts[about].name in abouts:
            yield column
