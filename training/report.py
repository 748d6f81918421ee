"""What a training reports: figures, counts, and how the model came about."""

from typing import Any

import numpy as np

from features.moment import DAY, NEVER, to_datetime
from training.choose import in_time
from training.config import TrainingConfig
from training.data.delays import delay_report
from training.data.export import Export
from training.data.mapping import ExportMapping
from training.evaluate.curves import curves
from training.evaluate.figures import by_segment, contacted_in_time
from training.offsets import Offsets
from training.procedure import Procedure
from training.snapshots import SnapshotCounts, Snapshots
from training.split import Origin
from training.trial import Trial


def training_report(
    export: Export,
    mapping: ExportMapping,
    config: TrainingConfig,
    trial: Trial,
    snapshots: Snapshots,
    counts: SnapshotCounts,
) -> dict[str, Any]:
    """Return figures and counts."""
    return {
        "dataset": export.dataset,
        "horizon_days": mapping.horizon_days if counts.dated else None,
        "maturity": _maturity(counts, mapping.horizon_days),
        **trial.report(config),
        "curves": curves(trial.reported, trial.answer, config.evaluating, config.seed),
        "segments": _segments(export, trial, config),
        "contacted": _contacted(export, snapshots.take(trial.split.judge), trial, config),
        "counts": _counts(counts, trial),
        "delays": delay_report(export, mapping.horizon_days, config.seed),
        "window": window(export, snapshots),
        "procedure": {"before_test": about(trial.procedure, trial.origins)},
        "export": {"fingerprint": export.fingerprint, **export.notes.to_json()},
        "config": config.to_json(),
    }


def _segments(export: Export, trial: Trial, config: TrainingConfig) -> dict[str, Any] | None:
    """Return the figures of large segments, None where the mapping names no segment."""
    if export.segment is None:
        return None
    least = config.gate.least_leads_of_segment
    found = by_segment(trial.reported, trial.answer, config.evaluating, config.seed, least=least)
    return {"about": export.segment, "figures": found}


def window(export: Export, snapshots: Snapshots) -> dict[str, Any]:
    """Return from when to when the mature leads came, and how many they are."""
    first = snapshots.take(snapshots.at_creation)
    created = export.created_at[first.lead]
    dated = export.data_end != NEVER
    return {
        "from": _iso(int(created.min())) if dated else None,
        "to": _iso(int(created.max())) if dated else None,
        "data_end": _iso(export.data_end),
        "leads": first.n_rows,
        "rows": snapshots.n_rows,
        "won": int(first.target.sum()),
    }


def _iso(moment: int) -> str | None:
    at = to_datetime(moment)
    return None if at is None else at.isoformat()


def _maturity(counts: SnapshotCounts, horizon_days: int) -> str:
    if not counts.dated:
        return "could not be checked: the export has no dates; the target is `ever won`"
    if counts.creation_only:
        return (
            f"checked: horizon {horizon_days} days; leads are looked at when created only, "
            "since the export does not say when they were closed"
        )
    return f"checked: horizon {horizon_days} days"


def _contacted(
    export: Export, judged: Snapshots, trial: Trial, config: TrainingConfig
) -> dict[str, Any] | None:
    """Return the figures by how soon leads were contacted, None where nothing says it."""
    if export.first_contact_at is None:
        return None
    first = judged.take(judged.at_creation)
    at = export.first_contact_at[first.lead]
    waited = np.where(at == NEVER, np.nan, (at - first.as_of) / (DAY / 24))
    rows = trial.judged.take(trial.judged.at_creation)
    return contacted_in_time(rows, trial.answer, waited, config.evaluating.contacted_within_hours)


def _counts(counts: SnapshotCounts, trial: Trial) -> dict[str, Any]:
    split = trial.split
    return {
        **counts.to_json(),
        "training_rows_before_test": len(split.train),
        "test_rows": len(split.judge),
        "purged_rows": split.purged,
        "rows_of_groups_in_test": split.regrouped,
        "origins": len(trial.origins),
    }


def about(procedure: Procedure | None, origins: list[Origin]) -> dict[str, Any] | None:
    """Return what was chosen and from what, None where nothing was learned."""
    if procedure is None:
        return None
    return {
        "choice": None if procedure.choice is None else procedure.choice.to_json(),
        "candidates": list(procedure.candidates),
        "trials": list(procedure.trials),
        "calibration": procedure.calibration.to_json(),
        "channel_offsets": offsets(procedure.offsets),
        "segment_offsets": offsets(procedure.segment_offsets),
        "judged_in_time": in_time(origins),
        "origins": [
            {
                "training_rows": len(origin.train),
                "judged_rows": len(origin.judge),
                "purged_rows": origin.purged,
                "rows_of_groups_judged": origin.regrouped,
            }
            for origin in origins
        ],
    }


def offsets(found: Offsets | None) -> dict[str, Any] | None:
    """Return what was found about channels or segments, None where there was nothing."""
    return None if found is None else found.to_json()
