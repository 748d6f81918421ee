"""What sales said of leads: accepted or rejected."""

from pathlib import Path
from typing import Final

import numpy as np

from features.arrays import FloatArray
from features.errors import SchemaError
from training.data.export import Export
from training.data.fields import words_of
from training.data.table import read_table

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
    for column in ("lead_id", "accepted"):
        if column not in table.columns:
            raise SchemaError(f"{path.name}: has no column {column!r}; expected lead_id, accepted")
    words, codes = words_of(table.column("accepted", "accepted"))
    unclear = [word for word in words if word and word not in (*YES, *NO)]
    if unclear:
        n = int(np.isin(codes, [words.index(word) for word in unclear]).sum())
        raise SchemaError(
            f"{path.name}: accepted: {n} rows are neither yes nor no; expected true or false"
        )
    verdict = np.array([np.nan if not word else float(word in YES) for word in words])[codes]
    leads = [str(value) for value in table.column("lead_id", "lead_id").to_pylist()]
    episodes = [1] * len(leads)
    if "episode" in table.columns:
        episodes = [int(one or 1) for one in table.column("episode", "episode").to_pylist()]
    said = dict(zip(zip(leads, episodes, strict=True), verdict.tolist(), strict=True))
    rows = zip(export.lead_id, export.episode.tolist(), strict=True)
    return np.array([said.get((lead, episode), np.nan) for lead, episode in rows])
