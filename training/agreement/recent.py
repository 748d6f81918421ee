"""The newest leads of an export, on which no model has learned yet."""

import numpy as np

from features.arrays import FloatArray, IntArray
from features.errors import ConfigError
from features.moment import DAY, NEVER
from models.agreement.lines import tie_rank
from models.bundle.reference import WEEK
from models.preview.looked import Looked
from models.scorer import Scorer
from training.data.export import OPEN, Export


def recent_leads(export: Export, scorer: Scorer) -> tuple[Looked, IntArray] | None:
    """Return the leads that came within the horizon before the end of the data.

    No model has learned from them, since it is not known yet what becomes of them. They are
    looked at on the days of the model's snapshots, while they are open.

    Returns
    -------
    looked : Looked
        Outcomes are NaN.
    row : array
        Row of the export of each lead, by its number.
    None
        Where the export has no dates.

    Raises
    ------
    ConfigError
        When the export is about another dataset than the model.
    """
    manifest = scorer.manifest
    if export.dataset != manifest.dataset:
        raise ConfigError(
            f"the leads are about {export.dataset!r}, the bundle about {manifest.dataset!r}"
        )
    if export.data_end == NEVER or manifest.horizon_days is None:
        return None
    since = export.data_end - manifest.horizon_days * DAY
    chosen = np.flatnonzero((export.created_at != NEVER) & (export.created_at > since))
    if len(chosen) == 0:
        return None
    number, days = _looks(export, chosen, np.array(manifest.snapshot_days))
    row = chosen[number]
    as_of = export.created_at[row] + (days * DAY).astype(np.int64)
    leads, activities = export.leads(row, as_of), export.activities.take(row)
    parts = scorer.score_in_parts(leads, activities)
    probability = np.concatenate([scored.probability for _, scored in parts])
    ids = [export.lead_id[i] for i in chosen.tolist()]
    created = export.created_at[chosen]
    looked = Looked(
        leads=leads,
        activities=activities,
        lead=number,
        probability=probability,
        won=np.full(len(row), np.nan),
        weight=np.ones(len(row)),
        group=export.group[row],
        rank=tie_rank(ids)[number],
        weeks=max(int(created.max() - created.min()), DAY) / WEEK,
        space=scorer.space,
    )
    return looked, chosen


def _looks(export: Export, chosen: IntArray, days: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the looks at leads, lead by lead: its number, and days since it came."""
    as_of = export.created_at[chosen][:, None] + (days * DAY).astype(np.int64)
    closed_at = np.where(export.outcome == OPEN, NEVER, export.outcome_at)[chosen][:, None]
    is_open = (closed_at == NEVER) | (as_of < closed_at)
    seen = (days == 0.0) | (is_open & (as_of <= export.data_end))
    number, day = np.nonzero(seen)
    return number.astype(np.int64), days[day]
