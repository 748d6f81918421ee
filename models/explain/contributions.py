"""Exact contributions of features to the margin of boosted trees."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from features.errors import BundleError
from models.explain.groups import Group, groups_of, weights
from models.explain.kernel import GroupTables, add_leaf, explain_rows
from models.score.kernel import Decisions
from models.score.trees import Trees, matrix_for

MOST_BYTES: Final = 32 * 2**20
BLOCK: Final = 64
"""Rows that are explained at a time, so that a table is read once for all of them."""


@dataclass(frozen=True, slots=True)
class ContributionTables:
    """Everything about contributions that depends on the trees alone, worked out once.

    Contributions are path-dependent TreeSHAP values (Lundberg et al., Consistent
    individualized feature attribution for tree ensembles, 2018; From local explanations to
    global understanding with explainable AI for trees, 2020), the ones that LightGBM's
    `pred_contrib` gives. A leaf's part depends only on which of the conditions on its path
    hold, so it can be looked up in a table (Yang, Fast TreeSHAP, 2021, version 2). Here the
    leaves of a small subtree share a table, whose cases are the decisions within the subtree
    and the conditions on the way to it, one per distinct feature.

    Parameters
    ----------
    decisions : Decisions
        The splits.
    groups : GroupTables
        The tables.
    expected : float
        The model's expected margin over its training rows.
    n_features, n_slots : int
        Columns of the matrix, and of the contributions.
    """

    decisions: Decisions
    groups: GroupTables
    expected: float
    n_features: int
    n_slots: int

    @staticmethod
    def build(
        trees: Trees, slot_of: IntArray | None = None, *, most_bytes: int = MOST_BYTES
    ) -> "ContributionTables":
        """Return the tables of a model.

        Parameters
        ----------
        trees : Trees
            The model.
        slot_of : array of shape (n_features,), optional
            Column of the contributions that each feature's is added to, for example what the
            feature is about; a column of its own by default.
        most_bytes : int
            Memory that the tables may take.

        Raises
        ------
        BundleError
            When they would take more memory.
        """
        slots = np.arange(trees.n_features) if slot_of is None else slot_of
        builder = _Builder(trees, slots.tolist())
        for tree in range(trees.n_trees):
            for group in groups_of(trees, tree):
                builder.add(group)
            builder.first_group.append(len(builder.groups))
        if 8 * builder.n_entries > most_bytes:
            raise BundleError(
                f"the contribution tables would take {8 * builder.n_entries / 2**20:.1f} MB, "
                f"expected at most {most_bytes / 2**20:.1f} MB; fewer or smaller trees need less"
            )
        n_slots = int(slots.max(initial=-1)) + 1
        tables = builder.tables()
        return ContributionTables(
            trees.decisions, tables, builder.expected(), trees.n_features, n_slots
        )

    @property
    def n_bytes(self) -> int:
        """Memory of the tables proper."""
        return self.groups.table.nbytes

    def explain(self, X: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return margins and contributions, both in log-odds.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            NaN where missing.

        Returns
        -------
        margin : array of shape (n_rows,)
            Equal to `Trees.margin` to the bit.
        contributions : array of shape (n_rows, n_slots)
            Their row sum plus `expected` is the margin, to rounding.

        Raises
        ------
        SchemaError
            When the matrix has another number of columns than the model.
        """
        margin = np.empty(len(X))
        out = np.empty((len(X), self.n_slots))
        X = matrix_for(X, self.n_features)
        explain_rows(X, self.decisions, self.groups, max(1, min(BLOCK, len(X))), margin, out)
        return margin, out

    def contributions(self, X: FloatArray) -> FloatArray:
        """Return the contributions alone, shape (n_rows, n_slots), in log-odds."""
        return self.explain(X)[1]


class _Builder:
    """Lays groups out flat, then fills their tables."""

    def __init__(self, trees: Trees, slots: list[int]) -> None:
        self.trees = trees
        self.slots = slots
        self.groups: list[Group] = []
        self.columns: list[list[int]] = []
        self.first_group = [0]
        self.first_entry: list[int] = []
        self.n_entries = 0

    def add(self, group: Group) -> None:
        features = {f for path in group.leaves for f in path.conditions}
        columns = sorted({self.slots[feature] for feature in features})
        self.groups.append(group)
        self.columns.append(columns)
        self.first_entry.append(self.n_entries)
        self.n_entries += (1 + len(columns)) << group.n_bits

    def expected(self) -> float:
        total = 0.0
        for group in self.groups:
            for leaf, conditions in group.leaves:
                share = 1.0
                for condition in conditions.values():
                    share *= condition.share
                total += share * float(self.trees.leaf_value[leaf])
        return total

    def tables(self) -> GroupTables:
        table = np.zeros(self.n_entries)
        for group, columns, first in zip(self.groups, self.columns, self.first_entry, strict=True):
            n_cases, width = 1 << group.n_bits, 1 + len(columns)
            cases = table[first : first + n_cases * width].reshape(n_cases, width)
            self._fill(group, columns, cases)
        tests = [test for group in self.groups for test in group.tests]
        return GroupTables(
            first_group=_integers(self.first_group),
            shift=_integers([group.shift for group in self.groups]),
            inner=_integers([group.inner for group in self.groups]),
            first_test=_starts([len(group.tests) for group in self.groups]),
            mask=_integers([test.mask for test in tests]),
            want=_integers([test.want for test in tests]),
            first_column=_starts([len(columns) for columns in self.columns]),
            slot=_integers([slot for columns in self.columns for slot in columns]),
            first_entry=_integers(self.first_entry),
            table=table,
        )

    def _fill(self, group: Group, columns: list[int], cases: FloatArray) -> None:
        for leaf, conditions in group.leaves:
            add_leaf(
                float(self.trees.leaf_value[leaf]),
                np.array([condition.share for condition in conditions.values()]),
                _integers([condition.mask for condition in conditions.values()]),
                _integers([condition.want for condition in conditions.values()]),
                _integers([columns.index(self.slots[feature]) for feature in conditions]),
                weights(len(conditions)),
                cases,
            )


def _integers(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _starts(counts: list[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.array(counts, dtype=np.int64))]).astype(np.int64)
