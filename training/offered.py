"""A fit on the leads that sales were offered, each counted by how likely that was."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from features.arrays import FloatArray, IntArray
from training.choice import Choice
from training.config import TrainingConfig
from training.evaluate.bootstrap import mean_interval
from training.evaluate.metrics import row_log_loss
from training.learners.blend import ChoiceLearner
from training.procedure import run_procedure
from training.split import Origin
from training.table import Table

SERVED, WEIGHTED, PLAIN = "served", "weighted", "unweighted"


def offered_fits(
    table: Table,
    served: FloatArray,
    choice: Choice,
    split: Origin,
    origins: Sequence[Origin],
    offers: FloatArray,
    config: TrainingConfig,
) -> dict[str, Any] | None:
    """Return how fits on offered leads alone do beside the served one, on the same later leads.

    All are judged as estimates of P(won | offered): on the later leads that were offered, at
    creation, each counted with 1 / propensity. That stands for all leads that may be offered;
    disqualified ones are outside.

    Parameters
    ----------
    served : array of shape (n_judged,)
        Probabilities of the rows that the split judges, by the fit on all leads.
    choice : Choice
        What is fitted.
    offers : array of shape (n_rows,)
        Of each row of the table, how likely it was to be offered; NaN where it was not.

    Returns
    -------
    dict or None
        None where too few offered leads were won or lost to learn from or to judge on.
    """
    most = config.selection.largest_weight
    offered = np.isfinite(offers)
    rarity = np.ones(len(offers))
    rarity[offered] = 1.0 / offers[offered]
    weight = np.minimum(rarity, most)
    train = split.train[offered[split.train]]
    first = offered[split.judge] & table.at_creation[split.judge]
    judge = split.judge[first]
    least = config.splitting.least_outcomes
    if not (_enough(table, train, least) and _enough(table, judge, 1)):
        return None
    counted = replace(table, weight=table.weight * weight)
    known = [_offered(origin, offered) for origin in origins]
    known = [one for one in known if _enough(table, one.train, 1) and _enough(table, one.judge, 1)]
    learner = ChoiceLearner(choice, config)
    probability = {SERVED: served[first]}
    for name, rows in ((WEIGHTED, counted), (PLAIN, table)):
        fitted = run_procedure(learner, rows, train, known, config.calibrating)
        probability[name] = fitted.probability(table.take(judge))
    target, heavy = table.target[judge], weight[judge]
    learned = weight[train]
    return {
        "trained_rows": len(train),
        "trained_effective": effective(learned),
        "clipped": int((rarity[train] > most).sum()),
        "largest_weight": most,
        "judged": len(judge),
        "judged_effective": effective(heavy),
        "won_share": float((heavy * target).sum() / heavy.sum()),
        "fits": {
            name: {
                "log_loss": float((heavy * row_log_loss(p, target)).sum() / heavy.sum()),
                "expected_share": float((heavy * p).sum() / heavy.sum()),
            }
            for name, p in probability.items()
        },
        "difference": _difference(probability, target, heavy, table.group[judge], config),
    }


def effective(weight: FloatArray) -> float:
    """Return how many rows of equal weight some weighted ones are worth.

    Examples
    --------
    >>> effective(np.array([1.0, 1.0])), effective(np.array([1.0, 0.0]))
    (2.0, 1.0)
    """
    return float(weight.sum() ** 2 / (weight**2).sum())


def _offered(origin: Origin, offered: Any) -> Origin:
    return replace(
        origin,
        train=origin.train[offered[origin.train]],
        judge=origin.judge[offered[origin.judge]],
    )


def _enough(table: Table, rows: IntArray, least: int) -> bool:
    target = table.target[rows][table.at_creation[rows]]
    won = int(target.sum())
    return won >= least and len(target) - won >= least


def _difference(
    probability: dict[str, FloatArray],
    target: FloatArray,
    weight: FloatArray,
    group: IntArray,
    config: TrainingConfig,
) -> dict[str, Any]:
    """Return the weighted fit's log loss less the served one's, with its interval."""
    more = row_log_loss(probability[WEIGHTED], target) - row_log_loss(probability[SERVED], target)
    # a mean of rows that count alike, so that whole accounts can be drawn
    value = weight * more / weight.mean()
    evaluating = config.evaluating
    low, high = mean_interval(
        value,
        group,
        n_draws=evaluating.draws,
        confidence=evaluating.confidence,
        seed=config.seed,
    )
    return {"log_loss": float(value.mean()), "interval": [low, high]}
