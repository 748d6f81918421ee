"""How good the model should be if its probabilities are right: an estimate, never a verdict."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from features.arrays import FloatArray
from models.explain.evidence import wilson_interval
from models.monitor.auc import auc_with_error
from models.monitor.compared import BINS
from models.monitor.observed import Observed
from models.monitor.reference import Reference


def estimated_auc(probability: FloatArray) -> float:
    """Return the area under the ROC curve that calibrated probabilities would have.

    Each lead counts as won with its probability and as lost with the rest, in the manner of
    NannyML's CBPE (confidence-based performance estimation).

    Examples
    --------
    >>> estimated_auc(np.array([0.0, 0.0, 1.0])), estimated_auc(np.array([0.3, 0.3]))
    (1.0, 0.5)
    """
    values, of = np.unique(probability, return_inverse=True)
    good = np.bincount(of, weights=probability, minlength=len(values))
    bad = np.bincount(of, weights=1.0 - probability, minlength=len(values))
    below = np.concatenate([[0.0], np.cumsum(bad)[:-1]])
    pairs = good.sum() * bad.sum()
    return float((good * (below + bad / 2.0)).sum() / pairs) if pairs > 0 else float("nan")


def estimate(
    reference: Reference, observed: Observed, lines: Mapping[str, float], now: int
) -> dict[str, Any]:
    """Return estimated AUC and precision at each line for the newest leads, with a backtest.

    Assumes that the probabilities are calibrated, which is what would have to be proved: a
    change of the concept does not move these figures at all. What they show is what a change
    of the leads does to the model. The backtest says how far the same estimate was off on the
    leads that have matured.

    Parameters
    ----------
    lines : mapping of str to float
        Probability by label.
    """
    known = observed.take(np.flatnonzero(~np.isnan(observed.probability)))
    ripe = known.matured(now, reference.horizon_days)
    won = ripe.won(reference.horizon_days)
    young = known.take(np.flatnonzero(~np.isin(known.at, ripe.at)))
    return {
        "assumes": "calibrated",
        "newest": _told(young.probability, lines, None),
        "matured": _told(ripe.probability, lines, won),
    }


def _told(
    probability: FloatArray, lines: Mapping[str, float], won: FloatArray | None
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "leads": len(probability),
        "estimated_auc": _number(estimated_auc(probability)) if len(probability) else None,
        "lines": [
            _at_line(label, probability >= line, probability, won) for label, line in lines.items()
        ],
    }
    if won is not None:
        auc, error = auc_with_error(probability, won)
        told |= {"auc": _number(auc), "auc_error": _number(error), "bins": _bins(probability, won)}
    return told


def _at_line(
    label: str, over: Any, probability: FloatArray, won: FloatArray | None
) -> dict[str, Any]:
    n = int(over.sum())
    told: dict[str, Any] = {
        "label": label,
        "leads": n,
        "estimated_precision": float(probability[over].mean()) if n else None,
    }
    if won is not None:
        low, high = wilson_interval(np.array([won[over].sum()]), np.array([n]))
        told |= {
            "precision": float(won[over].mean()) if n else None,
            "low": float(low[0]),
            "high": float(high[0]),
        }
    return told


def _bins(probability: FloatArray, won: FloatArray) -> list[dict[str, Any]]:
    """Return predicted and observed rates in bins of equal mass."""
    found = []
    for rows in np.array_split(np.argsort(probability, kind="stable"), BINS):
        if not len(rows):
            continue
        low, high = wilson_interval(np.array([won[rows].sum()]), np.array([len(rows)]))
        found.append(
            {
                "leads": len(rows),
                "predicted": float(probability[rows].mean()),
                "observed": float(won[rows].mean()),
                "low": float(low[0]),
                "high": float(high[0]),
            }
        )
    return found


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
