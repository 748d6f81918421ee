"""What sales said of the leads that they were given, beside what the score said."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from features.arrays import BoolArray, FloatArray
from features.moment import NEVER
from models.explain.evidence import wilson_interval
from training.agreement.verdicts import accepted_in, judged_leads
from training.data.export import LOST, OPEN, WON, Export
from training.data.numbers import EXPECTED, read_numbers
from training.data.table import Table, read_table

GROUPS = ("label", "channel", "grade")
HARDLY_WORKED_ATTEMPTS = 2
LARGEST_WEIGHT = 20.0
"""Of a lead that was drawn: a rarer draw counts no more than this, at the price of some bias."""


def sales_report(path: Path, export: Export) -> dict[str, Any]:
    """Return what verdicts say: acceptance, agreement with the score, exploration, neglect.

    Parameters
    ----------
    path : Path
        The feedback file of an export of the store.
    export : Export
        Its leads.

    Raises
    ------
    SchemaError
        When the file cannot be read or lacks a column.
    """
    table = read_table(path)
    verdict = accepted_in(table)
    known = np.isfinite(verdict)
    accepted = verdict[known] == 1.0
    groups = {name: np.array(texts(table, name), dtype=object)[known] for name in GROUPS}
    return {
        "verdicts": len(accepted),
        "acceptance": {name: by_group(group.tolist(), accepted) for name, group in groups.items()},
        "agreement": agreement(numbers(table, "score")[known], accepted),
        "exploration": exploration(table, export),
        "losses": losses(export),
    }


def texts(table: Table, name: str) -> list[str]:
    """Return a column as text, "" where it is empty."""
    return ["" if value is None else str(value) for value in table.column(name, name).to_pylist()]


def numbers(table: Table, name: str) -> FloatArray:
    """Return a column of numbers, NaN where it is empty.

    Raises
    ------
    SchemaError
        When it is not there, or a number is infinite.
    """
    found = read_numbers(table.column(name, name))
    if found.bad.any():
        raise table.problem(found.bad, name, "numbers that are infinite", EXPECTED)
    return np.asarray(found.column.values, dtype=np.float64)[found.column.codes]


def by_group(groups: Sequence[str], accepted: BoolArray) -> list[dict[str, Any]]:
    """Return how many of each group were accepted, with 95 % intervals; the largest first."""
    names = np.array(groups, dtype=object)
    found = []
    for name in sorted(set(groups)):
        own = accepted[names == name]
        n, yes = len(own), int(own.sum())
        low, high = wilson_interval(np.array([yes]), np.array([n]))
        interval = [float(low[0]), float(high[0])]
        found.append({"name": name or None, "n": n, "accepted": yes, "interval": interval})
    return sorted(found, key=lambda one: -one["n"])


def agreement(score: FloatArray, accepted: BoolArray) -> dict[str, Any]:
    """Return how well the score tells accepted from rejected leads.

    The score could have known a rejection that is below three of four accepted leads; the rest
    was rejected for what the score does not see.
    """
    known = np.isfinite(score)
    yes, no = score[known & accepted], score[known & ~accepted]
    if not len(yes) or not len(no):
        return {"roc_auc": None, "rejected": len(no), "could_have_known": None}
    line = float(np.quantile(yes, 0.25))
    return {
        "roc_auc": float(roc_auc_score(accepted[known], score[known])),
        "rejected": len(no),
        "could_have_known": int((no < line).sum()),
    }


def exploration(table: Table, export: Export) -> dict[str, Any] | None:
    """Return the win rate of all leads that may be offered, from those that were.

    An estimate of P(won | offered): closed leads that were offered count with 1 / propensity,
    at most `LARGEST_WEIGHT`; leads that were not offered are left out, disqualified ones are
    outside of what is estimated. None where nothing was drawn.
    """
    if "offered" not in table.columns or "propensity" not in table.columns:
        return None
    episodes = zip(export.lead_id, export.episode.tolist(), strict=True)
    outcome = dict(zip(episodes, export.outcome.tolist(), strict=True))
    share = np.nan_to_num(numbers(table, "propensity"), nan=1.0)
    unlikely = (share <= 0.0) | (share > 1.0)
    if unlikely.any():
        raise table.problem(unlikely, "propensity", "no probabilities", "numbers from 0 to 1")
    offered = zip(judged_leads(table), texts(table, "offered"), share.tolist(), strict=True)
    rows = [
        (outcome[lead] == WON, propensity, why)
        for lead, why, propensity in offered
        if why and outcome.get(lead, OPEN) != OPEN
    ]
    drawn = sum(why == "exploration" for *_, why in rows)
    if not drawn:
        return None
    won = np.array([row[0] for row in rows], dtype=np.float64)
    rarity = 1.0 / np.array([row[1] for row in rows])
    weight = np.minimum(rarity, LARGEST_WEIGHT)
    return {
        "offered": len(rows),
        "drawn": drawn,
        "won_share": float(won.mean()),
        "weighted_won_share": float((won * weight).sum() / weight.sum()),
        "effective_leads": float(weight.sum() ** 2 / (weight**2).sum()),
        "largest_weight": LARGEST_WEIGHT,
        "clipped": int((rarity > LARGEST_WEIGHT).sum()),
    }


def losses(export: Export) -> Mapping[str, Any]:
    """Return how many losses were hardly worked: never contacted, or tried only once."""
    lost = export.outcome == LOST
    if export.attempts is None and export.first_contact_at is None:
        return {"lost": int(lost.sum()), "hardly_worked": None}
    hardly = np.zeros(len(lost), dtype=np.bool_)
    if export.attempts is not None:
        hardly |= np.nan_to_num(np.asarray(export.attempts, dtype=np.float64)) < (
            HARDLY_WORKED_ATTEMPTS
        )
    if export.first_contact_at is not None:
        hardly |= export.first_contact_at == NEVER
    return {"lost": int(lost.sum()), "hardly_worked": int((lost & hardly).sum())}
