"""Columns for the audit: leaks of graded strength, and honest ones of every kind."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from training.audit.audit import Audit, audit
from training.data.mapping import Attribute, ExportMapping, load_mapping
from training.data.read import read_export

STRENGTHS = (0.7, 0.85, 0.95, 1.0)
MAPPING = Path(__file__).parents[3] / "training" / "mappings" / "simulated.toml"
Columns = Iterator[tuple[str, str, object]]


def leaks(leads: pd.DataFrame, strength: float, rng: np.random.Generator) -> Columns:
    """Yield (name, type, values) of columns that know the outcome, named as if they did not."""
    n = len(leads)
    won = (leads.outcome == "won").to_numpy()
    closed = (leads.outcome != "open").to_numpy()
    knows = rng.random(n) < strength
    words = np.array(["ash", "elm", "oak", "fir"])
    noise = words[rng.integers(0, 4, n)]
    filled = np.where(won, knows, rng.random(n) > 0.5 + 0.5 * strength)
    yield "alpha", "category", np.where(filled, noise, "")
    yield "beta", "category", np.where(knows, np.where(won, "oak", "elm"), noise)
    yield "gamma", "number", won * 4.0 * strength + rng.normal(size=n)
    at = pd.to_datetime(leads.outcome_at, utc=True, format="ISO8601")
    at = at.where(pd.Series(knows & closed))
    yield "delta", "date", at.dt.strftime("%Y-%m-%d").fillna("").to_numpy()
    after = np.where(closed, rng.random(n) < strength, rng.random(n) > strength)
    yield "epsilon", "category", np.where(after, noise, "")


def honest(leads: pd.DataFrame, rng: np.random.Generator) -> Columns:
    """Yield (name, type, values) of columns that were known when the lead came."""
    n = len(leads)
    created = pd.to_datetime(leads.created_at, utc=True, format="ISO8601")
    month = created.dt.strftime("%Y%m")
    channel = leads.channel.astype(str)
    for i in range(4):
        some = rng.random(n) < rng.uniform(0.02, 1.0)
        yield f"noise_{i}", "category", np.where(some, rng.integers(0, 6, n).astype(str), "")
        yield f"rare_{i}", "category", np.where(rng.random(n) < 0.02, "yes", "")
        yield f"many_{i}", "category", rng.integers(0, n // 8, n).astype(str)
        yield f"size_{i}", "number", np.where(some, rng.lognormal(3, 1, n).round(1), np.nan)
    yield "wave", "category", month.to_numpy()
    yield (
        "wave_filled",
        "category",
        np.where(month > np.median(month.astype(int)).astype(str), "x", ""),
    )
    yield "door", "category", np.char.add("via ", channel)
    yield "door_wave", "category", np.char.add(channel, month)
    before = created - pd.Timedelta(days=30)
    yield "planned", "date", before.dt.strftime("%Y-%m-%d").to_numpy()
    yield "fit", "number", leads.employees.to_numpy()
    yield "rep", "category", np.array([f"rep {i % 40}" for i in range(n)])


def audited(folder: Path, leads: pd.DataFrame, columns: Columns, target: Path) -> Audit:
    """Return the audit of an export with some columns more."""
    mapping = load_mapping(MAPPING)
    attributes = dict(mapping.attributes)
    more = {}
    for name, kind, values in columns:
        more[name] = values
        attributes[name] = Attribute.model_validate({"type": kind, "known_at": "creation"})
    target.mkdir(parents=True, exist_ok=True)
    path = target / "leads.csv"
    pd.concat([leads, pd.DataFrame(more, index=leads.index)], axis=1).to_csv(path, index=False)
    changed = ExportMapping.model_validate({**mapping.model_dump(), "attributes": attributes})
    export = read_export(
        path, changed, activities=folder / "activities.csv", history=folder / "history.csv"
    )
    return audit(export, changed, seed=1)
