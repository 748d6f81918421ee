"""Small real bundles and leads, made without the training package."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from features.activities.spec import ActivitySpec
from features.arrays import FloatArray
from features.attributes.spec import AttributeSpec, AttributeType, default_family
from features.attributes.vocabulary import canonical
from features.moment import DAY, to_datetime
from features.records import ActivityRecord, LeadRecord, assemble, record_to_json
from features.space import FeatureSpace
from models.bundle.bundle import Bundle
from models.bundle.deployment import Deployment, GateStatus
from models.bundle.folder import ArtifactFolder
from models.bundle.golden import Golden, processor
from models.bundle.histograms import build_histograms
from models.bundle.manifest import Basis, Manifest
from models.bundle.reference import CALIBRATION, TEST, ReferenceLeads, Window
from models.bundle.write import write_bundle
from models.explain.evidence import EvidenceTable
from models.score.calibration import Calibration
from models.score.points import probability_of
from models.score.rates import ChannelRates
from models.scorer import with_golden

AS_OF = 20_454 * DAY  # 2026-01-01
TYPES: tuple[AttributeType, ...] = (
    *("number",) * 6,
    *("category",) * 5,
    *("boolean",) * 2,
    "country",
    "email",
    "phone",
    "job_title",
    "date",
    "tags",
    "text",
)
KINDS = (
    "page_view",
    "pricing_page",
    "email_open",
    "email_click",
    "download",
    "webinar_attended",
    "demo_request",
    "trial_start",
    "reply",
    "form_submit",
    "chat",
    "unsubscribe",
)
WORDS: dict[str, tuple[object, ...]] = {
    "category": ("Software", "Retail", "Chemicals", "Banking", "Logistics"),
    "boolean": (True, False, "yes", "no"),
    "country": ("Germany", "CN", "France", "美国"),
    "email": ("kim@firm-1.example", "lee@gmail.com", "info@firm-2.example", "wang@qq.com"),
    "phone": ("+49 30 5550 1234", "+1 202 555 0143", "13800000000"),
    "job_title": ("Head of Purchasing", "CEO", "IT manager", "采购总监"),
    "date": ("2019-04-01", "2023-10-12", "2011-01-31"),
    "tags": ("price, demo", "support", "price"),
    "text": ("We need a price for 200 seats.", "Hello", "请报价"),
}


def make_specs(n_attributes: int = 20) -> list[AttributeSpec]:
    """Return attributes of mixed types."""
    types = [TYPES[i % len(TYPES)] for i in range(n_attributes)]
    return [AttributeSpec(f"a{i}_{t}", t, default_family(t)) for i, t in enumerate(types)]


def make_record(seed: int, *, n_attributes: int = 20, n_activities: int = 10) -> LeadRecord:
    """Return a lead with all attributes and so many activities of the last 60 days."""
    rng = np.random.default_rng(seed)
    attributes = {}
    for spec in make_specs(n_attributes):
        words = WORDS.get(spec.type)
        number = round(float(rng.lognormal(3, 1)), 2)
        attributes[spec.name] = words[rng.integers(len(words))] if words else number
    at = (AS_OF - rng.integers(1, 60 * DAY, n_activities)).tolist()
    kinds = rng.choice(KINDS, n_activities).tolist()
    return LeadRecord(
        lead_id=f"L-{seed}",
        as_of=AS_OF,
        created_at=AS_OF - int(rng.integers(1, 30)) * DAY,
        channel=["Web", "Referral", "Trade fair", "LinkedIn"][rng.integers(4)],
        source=["spring", "autumn"][rng.integers(2)],
        episode=1,
        attributes=attributes,
        activities=[ActivityRecord(k, m, m) for k, m in zip(kinds, at, strict=True)],
    )


def make_request(seed: int, *, n_attributes: int = 20, n_activities: int = 10) -> dict[str, Any]:
    """Return the same lead as a request to the service."""
    record = make_record(seed, n_attributes=n_attributes, n_activities=n_activities)
    data = record_to_json(record)
    for activity in data["activities"]:
        del activity["recorded_at"]
    return data


def make_bundle(
    *,
    seed: int = 0,
    n_leads: int = 2000,
    n_attributes: int = 20,
    trees: int = 20,
    leaves: int = 15,
    basis: Basis = "model",
    dataset: str = "factory",
    version: str = "1",
    gate: GateStatus | None = None,
) -> Bundle:
    """Return a bundle that was really fitted, to invented leads, and that may answer."""
    passed: GateStatus = "rates" if basis == "rates" else "passed"
    records = [make_record(seed * 100_000 + i, n_attributes=n_attributes) for i in range(n_leads)]
    leads, activities = assemble(records)
    space = FeatureSpace.fit(leads, activities, make_specs(n_attributes), ActivitySpec())
    X = space.build(leads, activities).values
    rng = np.random.default_rng(seed)
    signal = sum((_standard(X[:, i]) for i in range(2, X.shape[1], 7)), np.zeros(n_leads))
    won = (rng.random(n_leads) < probability_of(signal - 2.0)).astype(np.float64)
    booster = _fit(X, won, trees=trees, leaves=leaves, seed=seed)
    probability = np.asarray(booster.predict(X), dtype=np.float64)
    channels = [canonical(value) for value in leads.channel.rows()]
    counts = {str(name): channels.count(name) for name in sorted(set(map(str, channels)))}
    manifest = Manifest(
        dataset=dataset,
        basis=basis,
        horizon_days=90,
        snapshot_days=(0.0,),
        anchor=float(won.mean()),
        space=space,
        calibration=Calibration(0.9, -0.1),
        rates=ChannelRates(float(won.mean()), dict.fromkeys(counts, 0.1)),
        evidence=EvidenceTable.build(probability, won),
        window={"leads": n_leads},
        metrics={"roc_auc": 0.8},
    )
    bundle = Bundle(
        model_text=booster.model_to_string() if basis == "model" else None,
        manifest=manifest,
        report={"dataset": dataset, "test": {"roc_auc": 0.8}},
        golden=Golden(processor(), ()),
        reference=_reference(records, space, probability, won),
        histograms=build_histograms(X.T, [f.name for f in space.features], counts),
        deployment=Deployment(version, None, "2026-01-01T00:00:00+00:00", gate or passed),
        lines={},
    )
    golden = [
        record._replace(attributes={n: space.stored(n, v) for n, v in record.attributes.items()})
        for record in records[:3]
    ]
    return with_golden(bundle, golden)


def _fit(X: FloatArray, won: FloatArray, *, trees: int, leaves: int, seed: int) -> Any:
    settings = {
        "objective": "binary",
        "num_leaves": leaves,
        "max_depth": 6,
        "min_data_in_leaf": 5,
        "verbose": -1,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
    }
    return lightgbm.train(settings, lightgbm.Dataset(X, won), trees)


def _reference(
    records: Sequence[LeadRecord],
    space: FeatureSpace,
    probability: FloatArray,
    won: FloatArray,
    most: int = 200,
) -> ReferenceLeads:
    """Return the first leads, at creation and half of them for the test."""
    n = min(most, len(records))
    leads, activities = assemble([_stored(record, space) for record in records[:n]])
    return ReferenceLeads(
        leads=leads,
        activities=activities,
        lead=np.arange(n),
        slice_of=np.where(np.arange(n) < n // 2, CALIBRATION, TEST).astype(np.int32),
        probability=probability[:n],
        won=won[:n] > 0,
        at_creation=np.ones(n, dtype=np.bool_),
        weight=np.ones(n),
        value=np.full(n, np.nan),
        group=np.arange(n),
        rank=np.random.default_rng(1).random(n),
        windows={
            "calibration": Window(AS_OF - 60 * DAY, AS_OF - 30 * DAY, n // 2),
            "test": Window(AS_OF - 30 * DAY, AS_OF, n - n // 2),
        },
    )


def _stored(record: LeadRecord, space: FeatureSpace) -> LeadRecord:
    return record._replace(
        channel=space.stored("channel", record.channel),
        source=space.stored("source", record.source),
        attributes={name: space.stored(name, v) for name, v in record.attributes.items()},
    )


def write_champion(artifacts: Path, bundle: Bundle, *, key: bytes | None = None) -> Path:
    """Write a bundle where the service looks for it; return its folder."""
    folder = ArtifactFolder(artifacts)
    dataset, version = bundle.manifest.dataset, bundle.deployment.version
    write_bundle(folder.version(dataset, version), bundle, key=key)
    return folder.crown(dataset, version)


def moment_text(moment: int) -> str:
    """Return a moment in ISO form."""
    at = to_datetime(moment)
    assert at is not None, "tests have moments"
    return at.isoformat()


def _standard(values: FloatArray) -> FloatArray:
    mean = 0.0 if np.isnan(values).all() else float(np.nanmean(values))
    known = np.where(np.isnan(values), mean, values)
    out: FloatArray = (known - known.mean()) / (known.std() + 1e-9) * 0.6
    return out
