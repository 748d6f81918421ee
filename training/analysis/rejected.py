"""What leads that sales rejected have in common, beyond what their scores tell."""

import math
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from features.arrays import FloatArray
from models.explain.evidence import wilson_interval
from training.agreement.trait import Trait, traits
from training.agreement.verdicts import accepted_in, judged_leads
from training.analysis.loaded import LoadedModel, load_export
from training.data.export import Export
from training.data.table import read_table
from training.sales import numbers, texts

LEADS, MAPPING, FEEDBACK = "leads.csv", "mapping.toml", "feedback.csv"
TEXTS = ("code", "label", "grade", "channel")
LEAST_LEADS = 20
FALSE_DISCOVERIES = 0.1
"""At most so large a share of what is called sure is expected to be chance."""
COLUMNS = ("about", "value", "leads", "accepted", "low", "high", "expected", "p_value", "sure")


def load_verdicts(folder: Path) -> tuple[Export, pd.DataFrame]:
    """Return leads and what sales said of them, as `python -m service.export` wrote both.

    Parameters
    ----------
    folder : Path
        With `leads.csv`, `mapping.toml` and `feedback.csv`.

    Returns
    -------
    Export
        All leads.
    DataFrame
        A row per verdict on one of them: `row` (of the export), `accepted`, `code` (why it was
        rejected), `score`, `label`, `grade`, `channel`; without rows where nobody said anything.

    Raises
    ------
    SchemaError, MappingError
        When a file cannot be used.
    """
    export = load_export(str(folder / LEADS), str(folder / MAPPING))
    if not _has_rows(folder / FEEDBACK):
        return export, pd.DataFrame(columns=["row", *TEXTS, "accepted", "score"])
    table = read_table(folder / FEEDBACK)
    episodes = zip(export.lead_id, export.episode.tolist(), strict=True)
    row_of = {lead: row for row, lead in enumerate(episodes)}
    told = pd.DataFrame({name: texts(table, name) for name in TEXTS})
    told.insert(0, "row", [row_of.get(lead, -1) for lead in judged_leads(table)])
    told = told.assign(accepted=accepted_in(table), score=numbers(table, "score"))
    known = (told["row"] >= 0) & told["accepted"].notna() & told["score"].notna()
    last = told[known].drop_duplicates("row", keep="last", ignore_index=True)
    return export, last.astype({"accepted": bool})


def rejected_by(
    model: LoadedModel, export: Export, verdicts: pd.DataFrame, *, least: int = LEAST_LEADS
) -> pd.DataFrame:
    """Return what sales rejects more, or less, often than the scores of the leads tell.

    A lead is expected to be accepted as often as the judged leads of its ten points of score.
    What a value's leads are off from that is compared with chance (normal approximation), and
    false discoveries are bounded over all values (Benjamini and Hochberg, 1995).

    Parameters
    ----------
    model : LoadedModel
        Its encoders read the values.
    export, verdicts : Export, DataFrame
        From `load_verdicts`.
    least : int
        Values with fewer judged leads are left out.

    Returns
    -------
    DataFrame
        `about`, `value`, `leads`, share `accepted` with `low` and `high` (Wilson, 95 %), the
        share `expected`, `p_value`, `sure`; the surest first.
    """
    if verdicts.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows = verdicts["row"].to_numpy()
    leads = export.leads(rows, export.created_at[rows])
    accepted = verdicts["accepted"].to_numpy(dtype=np.float64)
    tens = (verdicts["score"] // 10).clip(0, 9)
    expected = verdicts["accepted"].astype(float).groupby(tens).transform("mean").to_numpy()
    found = [
        _row(trait, accepted, expected)
        for trait in traits(leads, model.scorer.space)
        if int(trait.has.sum()) >= least
    ]
    table = pd.DataFrame(found, columns=COLUMNS[:-1]).sort_values("p_value", ignore_index=True)
    return table.assign(sure=_discovered(table["p_value"].to_numpy(dtype=np.float64)))


def _has_rows(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        return len(list(islice(file, 2))) == 2


def _row(trait: Trait, accepted: FloatArray, expected: FloatArray) -> tuple[object, ...]:
    own, chance = accepted[trait.has], expected[trait.has]
    n, yes = len(own), float(own.sum())
    low, high = wilson_interval(np.array([yes]), np.array([n]))
    spread = float(np.sqrt((chance * (1.0 - chance)).sum()))
    off = (yes - float(chance.sum())) / spread if spread > 0.0 else 0.0
    p_value = math.erfc(abs(off) / math.sqrt(2.0))
    shares = (yes / n, float(low[0]), float(high[0]), float(chance.mean()))
    return (trait.about, _shown(trait), n, *shares, p_value)


def _shown(trait: Trait) -> str:
    if trait.test != "between":
        return str(trait.value)
    low, high = trait.value
    if not np.isfinite(low):
        return f"up to {high:g}"
    return f"from {low:g}" if not np.isfinite(high) else f"{low:g} to {high:g}"


def _discovered(p_value: FloatArray) -> list[bool]:
    """Return which of rising p-values are discoveries."""
    ranks = np.arange(1, len(p_value) + 1)
    below = np.flatnonzero(p_value <= FALSE_DISCOVERIES * ranks / max(1, len(p_value)))
    last = int(below[-1]) if len(below) else -1
    return [rank <= last for rank in range(len(p_value))]
