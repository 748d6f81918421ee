"""One lead: why it has its score, who was like it, and what would change it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from features.column import Column
from features.leads import Leads
from models.bundle.reference import ReferenceLeads
from models.score.points import POINTS_PER_LOGIT
from training.analysis.loaded import LoadedModel
from training.evaluate.metrics import log_odds

MOST_VALUES = 6
LEAST_POINTS = 0.05


def ledger_table(model: LoadedModel, lead: ReferenceLeads) -> pd.DataFrame:
    """Return the points of a lead by family, from the base to the sum; `lead` has one row.

    Returns
    -------
    DataFrame
        `family`, `points`, `sum` (so far); the last row is the score before it is rounded.
    """
    scored = model.scorer.score(lead.leads, lead.activities)
    assert scored.explained is not None, "it was asked for"
    ledger = scored.explained.ledger.row(0)
    rows = [(name, value) for name, value in ledger.items() if name != "total"]
    table = pd.DataFrame(rows, columns=["family", "points"])
    return table.assign(sum=table["points"].cumsum())


def contribution_table(model: LoadedModel, lead: ReferenceLeads) -> pd.DataFrame:
    """Return what each thing adds to a lead's score, the strongest first.

    Returns
    -------
    DataFrame
        `about`, `family`, `points`.
    """
    space = model.scorer.space
    [points] = model.scorer.contributions(lead.features(space), lead.leads)
    rows = [(about.name, about.family, p) for about, p in zip(space.abouts, points, strict=True)]
    table = pd.DataFrame(rows, columns=["about", "family", "points"])
    return table.sort_values("points", key=abs, ascending=False, ignore_index=True)


def similar_leads(model: LoadedModel, lead: ReferenceLeads, *, most: int = 10) -> pd.DataFrame:
    """Return the past leads whose points are made up most alike.

    Returns
    -------
    DataFrame
        `row` (among the reference leads), `distance` in points, `channel`, `probability` (out
        of time), `won`.
    """
    seen, space = model.reference, model.scorer.space
    all_points = model.scorer.contributions(seen.features(space), seen.leads)
    [own] = model.scorer.contributions(lead.features(space), lead.leads)
    distance = np.abs(all_points - own).sum(axis=1)
    nearest = np.argsort(distance, kind="stable")[: most + 1]
    table = pd.DataFrame(
        {
            "row": nearest,
            "distance": distance[nearest],
            "channel": [seen.channel[row] for row in nearest],
            "probability": seen.probability[nearest],
            "won": seen.won[nearest],
        }
    )
    return table.iloc[1:].reset_index(drop=True) if distance[nearest[0]] < 1e-9 else table[:most]


def changes(model: LoadedModel, lead: ReferenceLeads) -> pd.DataFrame:
    """Return the score with each attribute's most frequent other values, the highest first.

    What the model says of another lead, not what would happen to this one if it changed.

    Returns
    -------
    DataFrame
        `attribute`, `value`, `probability`, `score`, `difference` in points, which tells more
        than the score where that is kept at 0 or 100.
    """
    seen, leads = model.reference, lead.leads
    now = model.scorer.score(leads, lead.activities, explain=False)
    rows = []
    for name, column in {"channel": seen.leads.channel, **seen.leads.attributes}.items():
        kept = [value for value in column.rows() if isinstance(value, str | int | float | bool)]
        for value, _ in Counter(kept).most_common(MOST_VALUES):
            other = _with_value(leads, name, value)
            found = model.scorer.score(other, lead.activities, explain=False)
            [off] = log_odds(found.probability) - log_odds(now.probability)
            told = (float(found.probability[0]), int(found.score[0]), float(off) * POINTS_PER_LOGIT)
            if abs(told[-1]) > LEAST_POINTS:
                rows.append((name, value, *told))
    columns = ["attribute", "value", "probability", "score", "difference"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("difference", ascending=False, ignore_index=True)


def _with_value(leads: Leads, name: str, value: object) -> Leads:
    column = Column([value], np.zeros(leads.n_leads, dtype=np.int32))
    if name == "channel":
        return replace(leads, channel=column)
    return replace(leads, attributes={**leads.attributes, name: column})
