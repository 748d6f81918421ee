"""Target statistics: how much more often than others leads of a category were won."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.arrays import FloatArray, IntArray
from features.statistics_kernel import look_up


@dataclass(frozen=True)
class Statistic:
    """A number for every value of a category, or for every pair of values of two.

    Parameters
    ----------
    columns : tuple of int
        The code columns of the matrix that it is looked up by; one, or two for a pair.
    table : array of shape (n_codes + 1,), or (n_codes + 1, n_codes + 1) for a pair
        Log-odds beside the base rate, shrunk; the last place is that of missing values.
    """

    columns: tuple[int, ...]
    table: FloatArray

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {"columns": list(self.columns), "table": self.table.tolist()}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Statistic":
        """Return the statistic that `to_json` wrote."""
        return Statistic(tuple(data["columns"]), np.array(data["table"], dtype=np.float64))


@dataclass(frozen=True)
class TargetStatistics:
    """Columns to add to a matrix of features.

    Parameters
    ----------
    statistics : tuple of Statistic
        One column each.

    Examples
    --------
    >>> won_more_often = Statistic((0,), np.array([0.5, -0.5, 0.1]))
    >>> TargetStatistics((won_more_often,)).extend(np.array([[1.0], [np.nan], [7.0]]))
    array([[ 1. , -0.5],
           [ nan,  0.1],
           [ 7. ,  0. ]])
    """

    statistics: tuple[Statistic, ...] = ()
    _arrays: tuple[IntArray, IntArray, IntArray, IntArray, IntArray, FloatArray] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        tables = [one.table for one in self.statistics]
        columns = [(*one.columns, -1)[:2] for one in self.statistics]
        shapes = [(*table.shape, 1)[:2] for table in tables]
        starts = np.cumsum([0, *(table.size for table in tables)])[:-1]
        flat = np.concatenate([np.zeros(0), *(table.ravel() for table in tables)])
        arrays = (
            *(_integers([pair[i] for pair in columns]) for i in (0, 1)),
            *(_integers([shape[i] for shape in shapes]) for i in (0, 1)),
            starts.astype(np.int64),
            flat,
        )
        object.__setattr__(self, "_arrays", arrays)

    def extend(self, X: FloatArray) -> FloatArray:
        """Return the matrix with a column more for each statistic; 0 for unknown values.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Codes are whole numbers from 0, NaN where missing.
        """
        if not self.statistics:
            return X
        out = np.empty((len(X), X.shape[1] + len(self.statistics)))
        look_up(np.ascontiguousarray(X), *self._arrays, out)
        return out

    def slots(self, about_of: IntArray) -> IntArray:
        """Return the slot of every column of the extended matrix.

        A pair's column has a slot of its own after those of the abouts, in their order;
        `share` gives each of its two abouts half.

        Parameters
        ----------
        about_of : array of shape (n_features,)
            Position of what each feature is about.
        """
        n_abouts = int(about_of.max(initial=-1)) + 1
        slots = about_of.tolist()
        pairs = 0
        for one in self.statistics:
            if len(one.columns) == 1:
                slots.append(int(about_of[one.columns[0]]))
            else:
                slots.append(n_abouts + pairs)
                pairs += 1
        return _integers(slots)

    def share(self, values: FloatArray, about_of: IntArray) -> FloatArray:
        """Return values per slot as values per about: a pair's go half to each of both.

        Parameters
        ----------
        values : array of shape (n_rows, n_slots)
            By the slots of `slots`; missing last slots are 0.
        """
        n_abouts = int(about_of.max(initial=-1)) + 1
        if values.shape[1] <= n_abouts:
            return values
        out = values[:, :n_abouts].copy()
        pairs = [one.columns for one in self.statistics if len(one.columns) == 2]
        for columns, shared in zip(pairs, values[:, n_abouts:].T, strict=False):
            for column in columns:
                out[:, about_of[column]] += 0.5 * shared
        return out

    def to_json(self) -> list[dict[str, Any]]:
        """Return the form that a manifest keeps."""
        return [one.to_json() for one in self.statistics]

    @staticmethod
    def from_json(data: Sequence[Mapping[str, Any]]) -> "TargetStatistics":
        """Return the statistics that `to_json` wrote."""
        return TargetStatistics(tuple(Statistic.from_json(one) for one in data))


def _integers(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)
