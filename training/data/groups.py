"""Which leads belong together, so that no split tears them apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from features.arrays import IntArray
from training.data.cells import cells_of, trimmed


def group_leads(
    account: Any | None, contact: Any | None, lead: IntArray, row_hash: IntArray | None
) -> IntArray:
    """Return a group number per row: account, else contact, else identical rows.

    All episodes of a lead are in the group of its first row.

    Parameters
    ----------
    account, contact : pyarrow.Array or None
        Ids; empty where unknown.
    lead : array of shape (n_rows,)
        Number of the row's `lead_id`.
    row_hash : array of shape (n_rows,) or None
        Equal where rows are identical but for ids; None where each stands alone.
    """
    group = np.arange(len(lead), dtype=np.int64) if row_hash is None else _numbered(row_hash)
    first_free = len(lead)
    for ids in (contact, account):
        if ids is None:
            continue
        cells = cells_of(trimmed(ids))
        known = np.array([text != "" for text in cells.texts()], dtype=np.bool_)[cells.codes]
        group = np.where(known, first_free + cells.codes.astype(np.int64), group)
        first_free += len(lead)
    _, first, number = np.unique(lead, return_index=True, return_inverse=True)
    return _numbered(group[first[number]])


def hash_rows(columns: Sequence[Any]) -> IntArray:
    """Return a 64-bit number per row that is equal where all columns are equal."""
    n_rows = len(columns[0]) if columns else 0
    total = np.zeros(n_rows, dtype=np.uint64)
    for column in columns:
        codes = cells_of(trimmed(column)).codes.astype(np.uint64)
        total = _mixed(total + _mixed(codes))
    return total.astype(np.int64)


def _mixed(bits: Any) -> Any:
    # The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on all.
    bits = (bits + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _numbered(labels: IntArray) -> IntArray:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
