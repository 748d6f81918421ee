"""Boosted trees as flat arrays, read from LightGBM's text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import lightgbm
import numpy as np

from features.arrays import FloatArray, IntArray
from features.errors import BundleError, SchemaError
from models.score.kernel import (
    HASH,
    LEFT,
    N_PLACES,
    RIGHT,
    ZERO,
    ZERO_LEFT,
    ZERO_RIGHT,
    Decisions,
    add_margins,
)

MOST_TREES: Final = 300
MOST_LEAVES: Final = 31
MOST_DEPTH: Final = 6
BLOCK: Final = 256
"""Rows whose margins are worked out at a time; more are no faster."""
ALL_LEAVES: Final = 0xFFFFFFFF
DUMPED_INFINITY: Final = 1e300


@dataclass(frozen=True, slots=True)
class Trees:
    """All trees of a model, one after the other.

    Nodes and leaves of a tree stand in the order in which it is read: node, left, right. A
    child that is negative is a leaf: -1 - child is its place among all leaves.

    Parameters
    ----------
    decisions : Decisions
        The splits.
    first_leaf : array of shape (n_trees + 1,)
        Where each tree's leaves start.
    feature, left, right : arrays of shape (n_nodes,)
        What a node splits by, and its children.
    node_rows, leaf_rows : arrays of shape (n_nodes,), (n_leaves,)
        Training rows that came through.
    leaf_value : array of shape (n_leaves,)
        What a leaf adds to the margin.
    gain : array of shape (n_nodes,)
        What each split gained.
    alive_right : array of shape (n_nodes,)
        Bits of the tree's leaves that a row can still reach after it went right.
    leaf_at : array of shape (n_trees, 32)
        Leaf values by the hash of the leaf's bit.
    n_features : int
        Columns of the matrix.
    """

    decisions: Decisions
    first_leaf: IntArray
    feature: IntArray
    left: IntArray
    right: IntArray
    node_rows: FloatArray
    leaf_rows: FloatArray
    leaf_value: FloatArray
    gain: FloatArray
    alive_right: IntArray
    leaf_at: FloatArray
    n_features: int

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.first_leaf) - 1

    def root(self, tree: int) -> int:
        """Return a tree's first node, or its only leaf in the same way as a child."""
        first = int(self.decisions.first_node[tree])
        if first < self.decisions.first_node[tree + 1]:
            return first
        return -1 - int(self.first_leaf[tree])

    def margin(self, X: FloatArray) -> FloatArray:
        """Return the sum of leaf values per row, in log-odds.

        Equal to LightGBM's raw score to the bit: the same comparisons, the same order of
        additions, for one row as for many.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            NaN where missing.

        Raises
        ------
        SchemaError
            When the matrix has another number of columns than the model.
        """
        margin = np.empty(len(X))
        add_margins(
            matrix_for(X, self.n_features),
            self.decisions,
            self.alive_right,
            self.leaf_at,
            max(1, min(BLOCK, len(X))),
            margin,
        )
        return margin

    def gain_by_feature(self) -> FloatArray:
        """Return the summed gain of each feature's splits, shape (n_features,)."""
        gain = np.zeros(self.n_features)
        np.add.at(gain, self.feature, self.gain)
        return gain


def matrix_for(X: FloatArray, n_features: int) -> FloatArray:
    """Return a matrix as the compiled code reads it: float64 in C order, checked.

    Raises
    ------
    SchemaError
        When it has another number of columns.
    """
    if X.ndim != 2 or X.shape[1] != n_features:
        raise SchemaError(f"the matrix has shape {X.shape}, the model expects {n_features} columns")
    return np.ascontiguousarray(X, dtype=np.float64)


def trees_from_text(model_text: str) -> Trees:
    """Return the trees of a model in LightGBM's text format.

    Raises
    ------
    BundleError
        When it is no such model, or is larger or of another kind than a bundle allows.
    """
    try:
        dump = lightgbm.Booster(model_str=model_text).dump_model()
    except lightgbm.basic.LightGBMError as error:
        raise BundleError(f"model.txt is not a LightGBM model: {error}") from None
    return trees_from_dump(dump)


def trees_from_dump(dump: Mapping[str, Any]) -> Trees:
    """Return the trees of a model as LightGBM's `Booster.dump_model` gives it.

    Raises
    ------
    BundleError
        When it is larger or of another kind than a bundle allows.

    Examples
    --------
    >>> leaf = {"tree_structure": {"leaf_value": 0.5}}
    >>> facts = {"num_tree_per_iteration": 1, "average_output": False, "max_feature_idx": 1}
    >>> trees_from_dump(facts | {"tree_info": [leaf, leaf]}).margin(np.zeros((1, 2)))
    array([1.])
    """
    if dump["num_tree_per_iteration"] != 1:
        raise BundleError("model.txt has several outputs, expected one")
    if dump["average_output"]:
        raise BundleError("model.txt averages its trees, expected a sum")
    if len(dump["tree_info"]) > MOST_TREES:
        raise BundleError(
            f"model.txt has {len(dump['tree_info'])} trees, expected at most {MOST_TREES}"
        )
    reader = _Reader()
    for info in dump["tree_info"]:
        reader.tree(info["tree_structure"])
    return reader.trees(n_features=int(dump["max_feature_idx"]) + 1)


class _Reader:
    """Collects nodes and leaves of trees, in the order in which they are read."""

    def __init__(self) -> None:
        self.first_node = [0]
        self.first_leaf = [0]
        self.views: dict[tuple[int, int], int] = {}
        self.nodes: list[tuple[int, int, float, int, int, float, float, int]] = []
        self.leaves: list[tuple[float, float]] = []

    def tree(self, structure: Mapping[str, Any]) -> None:
        self._add(structure, depth=0)
        self.first_node.append(len(self.nodes))
        self.first_leaf.append(len(self.leaves))
        if self.first_leaf[-1] - self.first_leaf[-2] > MOST_LEAVES:
            raise BundleError(f"model.txt has a tree with over {MOST_LEAVES} leaves")

    def _add(self, node: Mapping[str, Any], *, depth: int) -> int:
        if depth > MOST_DEPTH:
            raise BundleError(f"model.txt has a tree deeper than {MOST_DEPTH}")
        if "leaf_value" in node:
            if "leaf_coeff" in node:
                raise BundleError("model.txt has linear leaves, expected constant ones")
            self.leaves.append((float(node["leaf_value"]), float(node.get("leaf_count", 1))))
            return -len(self.leaves)
        if node["decision_type"] != "<=":
            raise BundleError(
                "model.txt has a split by categories, expected numbers (categories are encoded)"
            )
        place = len(self.nodes)
        self.nodes.append((0, 0, 0.0, 0, 0, 0.0, 0.0, 0))
        first = len(self.leaves) - self.first_leaf[-1]
        left = self._add(node["left_child"], depth=depth + 1)
        middle = len(self.leaves) - self.first_leaf[-1]
        right = self._add(node["right_child"], depth=depth + 1)
        self.nodes[place] = (
            int(node["split_feature"]),
            self._view(node),
            _threshold(float(node["threshold"])),
            left,
            right,
            float(node["internal_count"]),
            float(node["split_gain"]),
            ALL_LEAVES ^ ((1 << middle) - (1 << first)) & ALL_LEAVES,
        )
        return place

    def _view(self, node: Mapping[str, Any]) -> int:
        missing = {
            "None": (ZERO, ZERO),
            "NaN": (RIGHT, LEFT),
            "Zero": (ZERO_RIGHT, ZERO_LEFT),
        }[node["missing_type"]][bool(node["default_left"])]
        return self.views.setdefault((int(node["split_feature"]), missing), len(self.views))

    def trees(self, *, n_features: int) -> Trees:
        nodes = list(zip(*self.nodes, strict=True)) or [()] * 8
        values, rows = zip(*self.leaves, strict=True) if self.leaves else ((), ())
        views = list(zip(*self.views, strict=True)) or [()] * 2
        decisions = Decisions(
            first_node=_integers(self.first_node),
            view_of=_integers(nodes[1]),
            threshold=_floats(nodes[2]),
            view_feature=_integers(views[0]),
            view_missing=_integers(views[1]),
        )
        return Trees(
            decisions=decisions,
            first_leaf=_integers(self.first_leaf),
            feature=_integers(nodes[0]),
            left=_integers(nodes[3]),
            right=_integers(nodes[4]),
            node_rows=_floats(nodes[5]),
            leaf_rows=_floats(rows),
            leaf_value=_floats(values),
            gain=_floats(nodes[6]),
            alive_right=_integers(nodes[7]),
            leaf_at=_by_hash(values, self.first_leaf),
            n_features=n_features,
        )


def _threshold(dumped: float) -> float:
    # the dump writes an infinite threshold (all that is known goes left) as 1e300
    return math.copysign(math.inf, dumped) if abs(dumped) >= DUMPED_INFINITY else dumped


def _by_hash(values: Sequence[float], first_leaf: Sequence[int]) -> FloatArray:
    leaf_at = np.zeros((len(first_leaf) - 1, N_PLACES))
    for tree, begin in enumerate(first_leaf[:-1]):
        for bit, value in enumerate(values[begin : first_leaf[tree + 1]]):
            leaf_at[tree, ((HASH << bit) & 0xFFFFFFFF) >> 27] = value
    return leaf_at


def _integers(values: Sequence[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _floats(values: Sequence[float]) -> FloatArray:
    return np.array(values, dtype=np.float64)
