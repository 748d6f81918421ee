"""Exact contributions of features to the margin of boosted trees.

Path-dependent TreeSHAP (Lundberg et al., From local explanations to global understanding
with explainable AI for trees, 2020). What depends on the trees alone is computed once: per
leaf, the contributions for each set of satisfied path conditions (Yang, Fast TreeSHAP, 2021,
version 2; GPUTreeShap, Mitchell et al., 2022, for the merged conditions of a path).
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from features.errors import BundleError
from models.explain.kernel import explain_rows, fill_table
from models.score.trees import Trees

MOST_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Condition:
    """All splits on one feature along one path, as an interval: low < value <= high."""

    feature: int
    low: float
    high: float
    nan_ok: bool
    zero: float


@dataclass(frozen=True, slots=True)
class ContributionTables:
    """Tables of contributions, leaf by leaf.

    Parameters
    ----------
    first_leaf : array of shape (n_trees + 1,)
        Where each tree's leaves start.
    first_condition, first_entry : arrays of shape (n_leaves + 1,)
        Where each leaf's conditions and table start.
    feature, low, high, nan_ok : arrays of shape (n_conditions,)
        The conditions.
    table : array
        The contributions.
    leaf_value : array of shape (n_leaves,)
        What each leaf adds to the margin.
    expected : float
        The model's expected margin over its training rows.
    n_features : int
        Columns of the matrix.
    """

    first_leaf: IntArray
    first_condition: IntArray
    first_entry: IntArray
    feature: IntArray
    low: FloatArray
    high: FloatArray
    nan_ok: BoolArray
    table: FloatArray
    leaf_value: FloatArray
    expected: float
    n_features: int

    @staticmethod
    def build(trees: Trees) -> "ContributionTables":
        """Return the tables of a model.

        Raises
        ------
        BundleError
            When they would take over 32 MB.
        """
        paths = [list(_paths(trees, root)) for root in trees.root.tolist()]
        leaves = [leaf for tree in paths for leaf in tree]
        depth = np.array([len(conditions) for _, conditions in leaves], dtype=np.int64)
        entries = depth << depth
        if 8 * int(entries.sum()) > MOST_BYTES:
            raise BundleError(
                f"the contribution tables would take {8 * int(entries.sum()) >> 20} MB, "
                f"expected at most {MOST_BYTES >> 20}"
            )
        conditions = [condition for _, path in leaves for condition in path]
        first_entry = _starts(entries)
        table = np.empty(int(entries.sum()))
        for (leaf, path), begin, n in zip(
            leaves, first_entry.tolist(), entries.tolist(), strict=False
        ):
            zero = np.array([condition.zero for condition in path])
            part = table[begin : begin + n]
            fill_table(zero, float(trees.leaf_value[leaf]), _weights(len(path)), part)
        return ContributionTables(
            first_leaf=_starts(np.array([len(tree) for tree in paths], dtype=np.int64)),
            first_condition=_starts(depth),
            first_entry=first_entry,
            feature=np.array([c.feature for c in conditions], dtype=np.int64),
            low=np.array([c.low for c in conditions], dtype=np.float64),
            high=np.array([c.high for c in conditions], dtype=np.float64),
            nan_ok=np.array([c.nan_ok for c in conditions], dtype=np.bool_),
            table=table,
            leaf_value=trees.leaf_value[[leaf for leaf, _ in leaves]],
            expected=_expected(trees, paths),
            n_features=trees.n_features,
        )

    @property
    def n_bytes(self) -> int:
        """Memory of the tables proper."""
        return self.table.nbytes

    def explain(
        self, X: FloatArray, slot_of: IntArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return margins and contributions, both in log-odds.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            In C order, NaN where missing.
        slot_of : array of shape (n_features,), optional
            Column of the result to which each feature's contribution is added, for example
            what it is about; the feature's own by default.

        Returns
        -------
        margin : array of shape (n_rows,)
        contributions : array of shape (n_rows, n_slots)
            Their row sum plus `expected` is the margin, to rounding.
        """
        slots = np.arange(self.n_features) if slot_of is None else slot_of
        margin = np.empty(len(X))
        out = np.empty((len(X), int(slots.max(initial=-1)) + 1))
        explain_rows(
            X,
            self.first_leaf,
            self.first_condition,
            self.feature,
            slots[self.feature],
            self.low,
            self.high,
            self.nan_ok,
            self.first_entry,
            self.table,
            self.leaf_value,
            margin,
            out,
        )
        return margin, out


Path = tuple[int, list[Condition]]


def _paths(trees: Trees, root: int) -> list[Path]:
    """Return each leaf with its conditions, one per distinct feature."""
    paths: list[Path] = []
    pending: list[tuple[int, dict[int, Condition]]] = [(root, {})]
    while pending:
        node, conditions = pending.pop()
        if node < 0:
            paths.append((-1 - node, list(conditions.values())))
            continue
        for goes_left in (False, True):
            child = int(trees.left[node] if goes_left else trees.right[node])
            feature = int(trees.feature[node])
            narrowed = _narrow(trees, node, child, conditions.get(feature), goes_left=goes_left)
            pending.append((child, conditions | {feature: narrowed}))
    return paths


def _narrow(
    trees: Trees, node: int, child: int, before: Condition | None, *, goes_left: bool
) -> Condition:
    feature, threshold = int(trees.feature[node]), float(trees.threshold[node])
    before = before or Condition(feature, -np.inf, np.inf, nan_ok=True, zero=1.0)
    rows = trees.node_rows[child] if child >= 0 else trees.leaf_rows[-1 - child]
    nan_left = threshold >= 0.0 if trees.nan_is_zero[node] else bool(trees.nan_left[node])
    return Condition(
        feature,
        before.low if goes_left else max(before.low, threshold),
        min(before.high, threshold) if goes_left else before.high,
        nan_ok=before.nan_ok and nan_left == goes_left,
        zero=before.zero * float(rows / trees.node_rows[node]),
    )


def _expected(trees: Trees, paths: list[list[Path]]) -> float:
    total = 0.0
    for tree in paths:
        rows = sum(float(trees.leaf_rows[leaf]) for leaf, _ in tree)
        weighted = sum(float(trees.leaf_rows[leaf] * trees.leaf_value[leaf]) for leaf, _ in tree)
        total += weighted / rows if rows else float(trees.leaf_value[tree[0][0]])
    return total


def _weights(d: int) -> FloatArray:
    return np.array([factorial(s) * factorial(d - s - 1) / factorial(d) for s in range(d)])


def _starts(counts: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
