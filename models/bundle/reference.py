"""Past leads without ids: what they were and did, what was predicted, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.activities.table import Activities
from features.arrays import BoolArray, CodeArray, FloatArray, IntArray, MomentArray
from features.column import Column
from features.errors import BundleError
from features.leads import Leads
from features.moment import DAY, NEVER
from features.space import FeatureSpace

SLICES = ("training", "calibration", "test")
TRAINING, CALIBRATION, TEST = range(len(SLICES))
WEEK = 7 * DAY
VALUES = "values.json"
OWN = ("lead", "slice_of", "probability", "won", "at_creation", "weight", "value", "group", "rank")
OF_LEADS = ("as_of", "created_at", "episode")
OF_ACTIVITIES = ("kind", "occurred_at", "recorded_at", "start", "stop")


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which the leads of a slice came in.

    Parameters
    ----------
    first, last : int
        When the first and the last of them was created; `NEVER` without dates.
    leads : int
        How many came, those that are not among the reference leads included.
    """

    first: int
    last: int
    leads: int

    @property
    def weeks(self) -> float | None:
        """Weeks from first to last, at least a day; None without dates.

        Examples
        --------
        >>> Window(0, 14 * DAY, 3).weeks, Window(NEVER, NEVER, 3).weeks
        (2.0, None)
        """
        if NEVER in (self.first, self.last):
            return None
        return max(self.last - self.first, DAY) / WEEK


@dataclass(frozen=True, slots=True)
class ReferenceLeads:
    """Past leads as of one or several moments each, the rows of a lead together and by time.

    Parameters
    ----------
    leads : Leads
        Channel, source and attributes in their stored form.
    activities : Activities
        Those known at a lead's last row; the rows of a lead share them.
    lead : array of shape (n_rows,)
        Number of the lead, from 0.
    slice_of : array of shape (n_rows,)
        Position in `SLICES`: leads older than any prediction; leads predicted out of time
        before the test began; the newest leads, those that the report's figures are about.
    probability : array of shape (n_rows,)
        Predicted by a model that could not know the lead; NaN in the training slice.
    won : array of shape (n_rows,)
        Whether it was won within the horizon.
    at_creation : array of shape (n_rows,)
        Whether the row is the lead's creation.
    weight : array of shape (n_rows,)
        How many leads of the slice the lead stands for; over 1 where not all are kept.
    value : array of shape (n_rows,)
        Worth of the deal, NaN where unknown.
    group : array of shape (n_rows,)
        Number of the account (else contact, else identical rows).
    rank : array of shape (n_rows,)
        In [0, 1), the same for all rows of a lead; stands for the hash of the id that says
        who of the leads exactly on a line is over it.
    windows : mapping of str to Window
        By slice.
    """

    leads: Leads
    activities: Activities
    lead: IntArray
    slice_of: CodeArray
    probability: FloatArray
    won: BoolArray
    at_creation: BoolArray
    weight: FloatArray
    value: FloatArray
    group: IntArray
    rank: FloatArray
    windows: Mapping[str, Window]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.probability)

    @property
    def n_leads(self) -> int:
        """Number of distinct leads."""
        return len(np.unique(self.lead))

    @property
    def channel(self) -> list[object]:
        """Canonical channel of each row, None where unknown."""
        return self.leads.channel.rows()

    def take(self, rows: IntArray) -> "ReferenceLeads":
        """Return some rows, of which those of a lead still stand together."""
        own = {name: getattr(self, name)[rows] for name in OWN}
        return ReferenceLeads(
            self.leads.take(rows), self.activities.take(rows), windows=self.windows, **own
        )

    def of_slice(self, slice_of: int) -> "ReferenceLeads":
        """Return the rows of a slice."""
        return self.take(np.flatnonzero(self.slice_of == slice_of))

    def first(self) -> "ReferenceLeads":
        """Return the leads that were predicted, at their creation: one row each."""
        return self.take(np.flatnonzero(self.at_creation & ~np.isnan(self.probability)))

    def features(self, space: FeatureSpace) -> FloatArray:
        """Return the rows as numbers, as the model's space builds them."""
        return space.build(self.leads, self.activities).values

    def write(self, folder: Path) -> None:
        """Write one array file per column, and distinct values as JSON."""
        folder.mkdir()
        columns = _columns(self.leads)
        arrays = {name: getattr(self, name) for name in OWN}
        arrays |= {name: getattr(self.leads, name) for name in OF_LEADS}
        arrays |= {name: getattr(self.activities, name) for name in OF_ACTIVITIES}
        arrays["codes"] = np.array([column.codes for column in columns.values()], dtype=np.int32)
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", _narrow(array), allow_pickle=False)
        values = {
            "columns": [[name, list(column.values)] for name, column in columns.items()],
            "kinds": list(self.activities.kinds),
            "windows": {name: [w.first, w.last, w.leads] for name, w in self.windows.items()},
        }
        text = json.dumps(values, ensure_ascii=False, allow_nan=False)
        (folder / VALUES).write_text(text, encoding="utf-8")

    @staticmethod
    def read(folder: Path) -> "ReferenceLeads":
        """Return the leads that `write` wrote.

        Raises
        ------
        BundleError
            When a file is not what it should be, or the columns differ in length.
        """
        try:
            values = json.loads((folder / VALUES).read_text(encoding="utf-8"))
            arrays = {
                name: np.load(folder / f"{name}.npy", allow_pickle=False)
                for name in (*OWN, *OF_LEADS, *OF_ACTIVITIES, "codes")
            }
            _require_one_length(arrays)
            return _read(arrays, values)
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise BundleError(f"reference: cannot be read: {error}") from None


def _columns(leads: Leads) -> dict[str, Column]:
    return {"channel": leads.channel, "source": leads.source, **leads.attributes}


def _narrow(array: Any) -> Any:
    """Return whole numbers in four bytes where they fit."""
    if array.dtype.kind != "i" or not len(array):
        return array
    bounds = np.iinfo(np.int32)
    fits = bounds.min <= array.min() and array.max() <= bounds.max
    return array.astype(np.int32) if fits else array


def _require_one_length(arrays: Mapping[str, Any]) -> None:
    lengths = {arrays[name].shape[-1] for name in (*OWN, *OF_LEADS, "start", "stop", "codes")}
    if len(lengths) != 1 or len({len(arrays[name]) for name in OF_ACTIVITIES[:3]}) != 1:
        raise BundleError("reference: the columns differ in length")


def _read(arrays: Mapping[str, Any], values: Mapping[str, Any]) -> ReferenceLeads:
    columns = {
        name: Column(_values(known), codes)
        for (name, known), codes in zip(values["columns"], arrays["codes"], strict=True)
    }
    moments = ("as_of", "created_at", "episode", "occurred_at", "recorded_at", "start", "stop")
    wide: dict[str, MomentArray] = {name: arrays[name].astype(np.int64) for name in moments}
    leads = Leads(
        as_of=wide["as_of"],
        created_at=wide["created_at"],
        channel=columns.pop("channel"),
        source=columns.pop("source"),
        episode=wide["episode"],
        attributes=columns,
    )
    activities = Activities(
        tuple(map(str, values["kinds"])),
        arrays["kind"].astype(np.int32),
        wide["occurred_at"],
        wide["recorded_at"],
        wide["start"],
        wide["stop"],
    )
    whole = {name: arrays[name].astype(np.int64) for name in ("lead", "group")}
    own = {name: arrays[name] for name in OWN if name not in whole}
    windows = {str(name): Window(*map(int, one)) for name, one in values["windows"].items()}
    return ReferenceLeads(leads, activities, windows=windows, **own, **whole)


def _values(known: list[object]) -> Any:
    """Return a column's values, ready numbers as an array."""
    if any(type(value) is float for value in known) and all(
        value is None or type(value) is float for value in known
    ):
        return np.array([np.nan if value is None else value for value in known])
    return known
