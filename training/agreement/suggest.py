"""Proposes an agreement from won and lost leads."""

from collections.abc import Mapping
from math import floor
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from features.errors import ConfigError
from models.agreement.agreement import default_agreement
from models.agreement.check import check_against
from models.agreement.lines import Line
from models.agreement.read import parse_agreement
from models.bundle.bundle import Bundle
from models.bundle.reference import CALIBRATION, SLICES, TRAINING
from models.preview.resolve import resolve
from models.preview.resolved import ResolvedLines
from training.agreement.draft import Draft
from training.agreement.found import Past, find
from training.agreement.measured import History
from training.agreement.proposal import propose
from training.config import TrainingConfig
from training.data.export import Export
from training.data.mapping import ExportMapping
from training.errors import TooFewOutcomesError
from training.slices import slices_of
from training.snapshots import Snapshots, take_snapshots
from training.split import newest_start
from training.table import course_of, fit_space, leads_at
from training.trial import find_origins

DRAFT_VERSION: Final = "1"
ALMOST: Final = 1e-9


def suggest(
    export: Export,
    mapping: ExportMapping,
    config: TrainingConfig,
    *,
    bundle: Bundle | None = None,
    lines: Mapping[str, Line] | None = None,
    accepted: FloatArray | None = None,
    language: str = "en",
    where: str = "draft",
    version: str = DRAFT_VERSION,
) -> str:
    """Return a proposed agreement as TOML.

    Parameters
    ----------
    export : Export
        With outcomes.
    mapping : ExportMapping
        Of the export.
    config : TrainingConfig
        Says which leads are training, calibration and test.
    bundle : Bundle, optional
        Of the model: says what the lines come to.
    lines : mapping of str to Line, optional
        By "MQL" and "SQL"; others are drawn by lift.
    accepted : array of shape (n_rows,), optional
        Verdicts of sales: 1 accepted, 0 rejected, NaN where none is known.
    language : str
        Of the comments.
    where : str
        Name of the draft, for messages.
    version : str
        Of the agreement.

    Raises
    ------
    TooFewOutcomesError
        When no older leads are left to learn criteria from.
    AgreementError
        When a line cannot be had; it says the nearest figure that can.
    ConfigError
        When the mapping and the bundle are about different datasets.
    """
    if bundle is not None and bundle.manifest.dataset != mapping.dataset:
        raise ConfigError(
            f"the mapping is about {mapping.dataset!r}, the bundle about "
            f"{bundle.manifest.dataset!r}"
        )
    past = past_of(export, mapping, config, bundle, accepted)
    proposal = propose(past, find(past, config.evaluating.prior_rows))
    anchor = proposal.base if bundle is None else bundle.manifest.anchor

    def draft(resolved: ResolvedLines | None = None) -> Draft:
        return Draft(
            dataset=mapping.dataset,
            version=version,
            proposal=proposal,
            lines={**lines_by_lift(anchor), **(lines or {})},
            resolved=resolved,
            specs={spec.name: spec for spec in export.specs},
            activity=export.activity_spec,
            language=language,
        )

    text = draft().text()
    agreement = parse_agreement(text, where)
    types = {spec.name: spec.type for spec in past.space.attributes}
    check_against(agreement, types, past.space.kinds)
    if bundle is None:
        return text
    manifest = bundle.manifest
    found = resolve(agreement, bundle.reference, manifest.anchor, manifest.space)
    return draft(found).text()


def lines_by_lift(base: float) -> dict[str, Line]:
    """Return lines at twice and four times a base rate, lower where that is no probability."""
    agreed = default_agreement("", base).lines
    return {
        label: Line("lift", floor(line.value / base * 100.0 + ALMOST) / 100.0)
        for label, line in (("MQL", agreed.mql), ("SQL", agreed.sql))
    }


def past_of(
    export: Export,
    mapping: ExportMapping,
    config: TrainingConfig,
    bundle: Bundle | None,
    accepted: FloatArray | None,
) -> Past:
    """Return the leads of the training slice.

    Raises
    ------
    TooFewOutcomesError
        When there are none.
    """
    snapshots, _ = take_snapshots(course_of(export), mapping.horizon_days, mapping.snapshot_days)
    own = _training(export, snapshots, config, bundle)
    if len(own) == 0:
        raise TooFewOutcomesError(
            "no leads are older than those that lines are drawn on; expected more leads with "
            "known outcomes"
        )
    rows = snapshots.take(own)
    first = rows.take(rows.at_creation)
    look = _one_each(rows, config.seed)
    verdict = np.full(export.n_rows, np.nan) if accepted is None else accepted
    return Past(
        leads=leads_at(export, first),
        history=_history(export, first, verdict),
        looks=leads_at(export, look),
        activities=export.activities.take(look.lead),
        history_of_looks=_history(export, look, verdict),
        space=fit_space(export, first) if bundle is None else bundle.manifest.space,
    )


def _training(
    export: Export, snapshots: Snapshots, config: TrainingConfig, bundle: Bundle | None
) -> IntArray:
    """Return the rows of the training slice, none as young as the bundle's calibration."""
    if not snapshots.at_creation.any():
        return np.zeros(0, dtype=np.int64)
    start = newest_start(snapshots.created[snapshots.at_creation], config.splitting.test_share)
    origins = find_origins(export, snapshots, np.arange(snapshots.n_rows), config)
    judged = [origin.judge for origin in origins] or [np.flatnonzero(snapshots.created >= start)]
    found = slices_of(snapshots, export.group, np.concatenate(judged), origins, start)
    chosen = found == TRAINING
    window = None if bundle is None else bundle.reference.windows.get(SLICES[CALIBRATION])
    if window is not None and window.weeks is not None:
        chosen &= export.created_at[snapshots.lead] < window.first
    return np.flatnonzero(chosen)


def _one_each(rows: Snapshots, seed: int) -> Snapshots:
    """Return one look at each lead, drawn by the seed."""
    order = np.lexsort((np.random.default_rng(seed).random(rows.n_rows), rows.lead))
    _, first = np.unique(rows.lead[order], return_index=True)
    return rows.take(order[first])


def _history(export: Export, rows: Snapshots, verdict: FloatArray) -> History:
    return History(rows.target, export.group[rows.lead], verdict[rows.lead])
