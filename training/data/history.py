"""Values of attributes at past moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import CodeArray, FloatArray, IntArray, MomentArray
from features.column import Column


@dataclass(frozen=True, slots=True)
class AttributeHistory:
    """All dated values of one attribute, sorted by (lead, changed_at).

    Parameters
    ----------
    lead : array of shape (n_changes,)
        Which lead, by the export's number of its `lead_id`.
    changed_at : array of shape (n_changes,)
        When the lead got the value.
    column : Column
        The values; one row per change.
    """

    lead: IntArray
    changed_at: MomentArray
    column: Column

    def at(self, lead: IntArray, as_of: MomentArray, today: Column) -> Column:
        """Return the values at given moments.

        A lead without any change has today's value all the time; before its first change
        a lead's value is not known.

        Parameters
        ----------
        lead, as_of : arrays of shape (n_rows,)
            Whose value, and when.
        today : Column
            The export's values of the same rows.
        """
        position = self._last_change(lead, as_of)
        known = (position >= 0) & (self.lead[np.maximum(position, 0)] == lead)
        ever = np.isin(lead, self.lead)
        values, changed, nothing = _joined(today, self.column)
        codes = np.where(ever, nothing, today.codes)
        codes[known] = changed[position[known]]
        return Column(values, codes.astype(np.int32))

    def _last_change(self, lead: IntArray, as_of: MomentArray) -> IntArray:
        moments = np.unique(self.changed_at)
        width = len(moments) + 1
        changes = self.lead * width + np.searchsorted(moments, self.changed_at) + 1
        wanted = lead * width + np.searchsorted(moments, as_of, side="right")
        return np.searchsorted(changes, wanted, side="right").astype(np.int64) - 1


@dataclass(frozen=True, slots=True)
class History:
    """Dated values by attribute name."""

    attributes: Mapping[str, AttributeHistory]

    def at(self, name: str, lead: IntArray, as_of: MomentArray, today: Column) -> Column:
        """Return an attribute's values at given moments, today's where nothing is dated."""
        history = self.attributes.get(name)
        return today if history is None else history.at(lead, as_of, today)


def _joined(today: Column, changes: Column) -> tuple[Sequence[object] | FloatArray, CodeArray, int]:
    """Return all values together, the codes of the changes, and the code of nothing."""
    values: Sequence[object] | FloatArray
    if isinstance(today.values, np.ndarray) and isinstance(changes.values, np.ndarray):
        values = np.concatenate([today.values, changes.values, [np.nan]])
    else:
        values = [*today.values, *changes.values, None]
    codes = changes.codes + np.int32(len(today.values))
    return values, codes, len(values) - 1
