"""From what was learned to the contents of a bundle."""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from features.records import assemble
from models.bundle.bundle import CHECKSUMS, Bundle
from models.bundle.deployment import Deployment
from models.bundle.golden import Golden, GoldenLead, processor
from models.bundle.histograms import build_histograms
from models.bundle.manifest import Manifest
from models.bundle.write import write_bundle
from models.explain.evidence import EvidenceTable
from models.score.calibration import Calibration
from models.score.margin import Blend
from models.scorer import Scorer
from training.config import TrainingConfig
from training.data.export import Export
from training.data.mapping import ExportMapping
from training.golden import golden_records, spread
from training.learn import Learned
from training.reference import reference_leads

UNREGISTERED = "unregistered"
MAIN_FIGURES = ("n", "base_rate", "roc_auc", "pr_auc", "log_loss", "brier", "ece", "lift_at_10")


def bundle_contents(
    learned: Learned,
    export: Export,
    mapping: ExportMapping,
    config: TrainingConfig,
    now: datetime,
) -> Bundle:
    """Return a complete bundle of what was learned."""
    bundle = Bundle(
        model_text=None if learned.fitted is None else learned.fitted.text,
        manifest=_manifest(learned, mapping),
        report=learned.report,
        golden=Golden(processor(), ()),
        reference=reference_leads(learned, export, config.reference_leads, config.seed),
        histograms=_histograms(learned),
        deployment=Deployment(
            version=UNREGISTERED,
            run_id=None,
            exported_at=now.isoformat(),
            gate="rates" if learned.basis == "rates" else "none",
        ),
        lines={},
    )
    return replace(bundle, golden=_golden(bundle, learned, export, config))


def write_contents(folder: Path, bundle: Bundle, key: bytes | None) -> str:
    """Write a bundle in place of an older one; return its fingerprint."""
    if (folder / CHECKSUMS).is_file():
        shutil.rmtree(folder)
    return write_bundle(folder, bundle, key=key)


def _manifest(learned: Learned, mapping: ExportMapping) -> Manifest:
    past = learned.at_random
    procedure = learned.procedure if learned.basis == "model" else None
    return Manifest(
        dataset=mapping.dataset,
        basis=learned.basis,
        horizon_days=learned.report["horizon_days"],
        snapshot_days=mapping.snapshot_days,
        anchor=learned.anchor,
        space=learned.space,
        calibration=Calibration() if procedure is None else procedure.calibration,
        rates=learned.rates.rates,
        evidence=EvidenceTable.build(past.probability, past.snapshots.target),
        window=learned.report["window"],
        metrics={name: learned.report["test"][name] for name in MAIN_FIGURES},
        blend=Blend() if learned.fitted is None else learned.fitted.blend,
        segments=learned.segments,
    )


def _histograms(learned: Learned) -> dict[str, object]:
    first = learned.table.take(np.flatnonzero(learned.table.at_creation))
    names, counts = np.unique([name or "" for name in first.channels()], return_counts=True)
    return build_histograms(
        first.columns(range(len(learned.space.features))),
        [feature.name for feature in learned.space.features],
        dict(zip(names.tolist(), counts.tolist(), strict=True)),
    )


def _golden(bundle: Bundle, learned: Learned, export: Export, config: TrainingConfig) -> Golden:
    past = learned.at_random
    chosen = past.snapshots.take(spread(past.probability, config.golden_leads))
    records = golden_records(export, learned.space, chosen)
    scored = Scorer(bundle).score(*assemble(records))
    assert scored.explained is not None, "it was asked for"
    points = scored.explained.points
    leads = (
        GoldenLead(
            record,
            probability=float(scored.probability[row]),
            points=tuple(points[row].tolist()),
            score=int(scored.score[row]),
        )
        for row, record in enumerate(records)
    )
    return Golden(processor(), tuple(leads))
