"""What sales said of leads: accepted or rejected."""

from pathlib import Path
from typing import Final

import numpy as np

from features.arrays import FloatArray
from features.errors import SchemaError
from training.data.export import Export
from training.data.fields import words_of
from training.data.table import Table, read_table

YES: Final = ("true", "yes", "y", "1", "accepted", "是", "接受")
NO: Final = ("false", "no", "n", "0", "rejected", "否", "拒绝")


def read_verdicts(path: Path, export: Export) -> FloatArray:
    """Return the verdict on each row of an export: 1 accepted, 0 rejected, NaN where none is.

    Parameters
    ----------
    path : Path
        CSV or Parquet with `lead_id`, `accepted` and, where leads ask again, `episode`; the
        last verdict on a lead counts.
    export : Export
        The leads.

    Raises
    ------
    SchemaError
        When a column is not there, or a verdict is neither yes nor no.
    """
    table = read_table(path)
    said = dict(zip(judged_leads(table), accepted_in(table).tolist(), strict=True))
    rows = zip(export.lead_id, export.episode.tolist(), strict=True)
    return np.array([said.get((lead, episode), np.nan) for lead, episode in rows])


def accepted_in(table: Table) -> FloatArray:
    """Return each verdict of a feedback file: 1 accepted, 0 rejected, NaN where none is.

    Raises
    ------
    SchemaError
        When the column is not there, or a verdict is neither yes nor no.
    """
    _require(table, "accepted")
    words, codes = words_of(table.column("accepted", "accepted"))
    unclear = [word for word in words if word and word not in (*YES, *NO)]
    if unclear:
        n = int(np.isin(codes, [words.index(word) for word in unclear]).sum())
        raise SchemaError(
            f"{table.name}: accepted: {n} rows are neither yes nor no; expected true or false"
        )
    return np.array([np.nan if not word else float(word in YES) for word in words])[codes]


def judged_leads(table: Table) -> list[tuple[str, int]]:
    """Return the lead and the episode that each verdict is about.

    Raises
    ------
    SchemaError
        When the ids are not there.
    """
    _require(table, "lead_id")
    leads = [str(value) for value in table.column("lead_id", "lead_id").to_pylist()]
    episodes = [1] * len(leads)
    if "episode" in table.columns:
        episodes = [int(one or 1) for one in table.column("episode", "episode").to_pylist()]
    return list(zip(leads, episodes, strict=True))


def _require(table: Table, column: str) -> None:
    if column not in table.columns:
        raise SchemaError(f"{table.name}: has no column {column!r}; expected lead_id, accepted")
