"""Boosted trees as flat arrays, read from LightGBM's text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from features.errors import BundleError
from models.score.kernel import margins

MOST_TREES = 300
MOST_LEAVES = 31
MOST_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Trees:
    """All trees of a model, one after the other.

    A child that is negative is a leaf: -1 - child is its place among the leaves.

    Parameters
    ----------
    root : array of shape (n_trees,)
        First node of each tree, or a leaf in the same way as a child.
    feature, threshold, left, right : arrays of shape (n_nodes,)
        A row goes left when its value is at most the threshold.
    nan_left : array of shape (n_nodes,)
        Where a missing value goes.
    nan_is_zero : array of shape (n_nodes,)
        Whether a missing value is taken for 0 (training saw none in this feature).
    node_rows, leaf_rows : arrays of shape (n_nodes,), (n_leaves,)
        Training rows that came through.
    leaf_value : array of shape (n_leaves,)
        What a leaf adds to the margin.
    gain : array of shape (n_nodes,)
        What each split gained.
    n_features : int
        Columns of the matrix.
    """

    root: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    nan_left: BoolArray
    nan_is_zero: BoolArray
    node_rows: FloatArray
    leaf_rows: FloatArray
    leaf_value: FloatArray
    gain: FloatArray
    n_features: int

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.root)

    def margin(self, X: FloatArray) -> FloatArray:
        """Return the sum of leaf values per row, in log-odds.

        Equal to LightGBM's raw score to the bit: the same comparisons, the same order of
        additions.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            In C order, NaN where missing.
        """
        out = np.empty(len(X))
        margins(
            X,
            self.root,
            self.feature,
            self.threshold,
            self.left,
            self.right,
            self.nan_left,
            self.nan_is_zero,
            self.leaf_value,
            out,
        )
        return out

    def gain_by_feature(self) -> FloatArray:
        """Return the summed gain of each feature's splits, shape (n_features,)."""
        out = np.zeros(self.n_features)
        np.add.at(out, self.feature, self.gain)
        return out


def trees_from_text(model_text: str) -> Trees:
    """Return the trees of a model in LightGBM's text format.

    Raises
    ------
    BundleError
        When it is no such model, or is larger or of another kind than a bundle allows.
    """
    try:
        booster = lightgbm.Booster(model_str=model_text)
        dump = booster.dump_model()
    except lightgbm.basic.LightGBMError as error:
        raise BundleError(f"model.txt is not a LightGBM model: {error}") from None
    if dump["num_tree_per_iteration"] != 1:
        raise BundleError("model.txt has several outputs, expected one")
    if len(dump["tree_info"]) > MOST_TREES:
        raise BundleError(
            f"model.txt has {len(dump['tree_info'])} trees, expected at most {MOST_TREES}"
        )
    reader = _Reader()
    roots = [reader.tree(info["tree_structure"]) for info in dump["tree_info"]]
    return reader.trees(roots, n_features=int(dump["max_feature_idx"]) + 1)


class _Reader:
    """Collects nodes and leaves of trees, each tree's in LightGBM's own nesting."""

    def __init__(self) -> None:
        self.nodes: list[tuple[int, float, int, int, bool, bool, float, float]] = []
        self.leaves: list[tuple[float, float]] = []

    def tree(self, structure: Mapping[str, Any]) -> int:
        before = len(self.leaves)
        root = self._add(structure, depth=0)
        if len(self.leaves) - before > MOST_LEAVES:
            raise BundleError(f"model.txt has a tree with over {MOST_LEAVES} leaves")
        return root

    def _add(self, node: Mapping[str, Any], *, depth: int) -> int:
        if "leaf_value" in node:
            if depth > MOST_DEPTH:
                raise BundleError(f"model.txt has a tree deeper than {MOST_DEPTH}")
            self.leaves.append((float(node["leaf_value"]), float(node.get("leaf_count", 1))))
            return -len(self.leaves)
        if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
            raise BundleError(
                "model.txt has a split that is not numeric or takes zero for missing; "
                "categories are encoded as numbers"
            )
        place = len(self.nodes)
        self.nodes.append((0, 0.0, 0, 0, False, False, 0.0, 0.0))
        left = self._add(node["left_child"], depth=depth + 1)
        right = self._add(node["right_child"], depth=depth + 1)
        self.nodes[place] = (
            int(node["split_feature"]),
            float(node["threshold"]),
            left,
            right,
            bool(node["default_left"]),
            node["missing_type"] == "None",
            float(node["internal_count"]),
            float(node["split_gain"]),
        )
        return place

    def trees(self, roots: list[int], *, n_features: int) -> Trees:
        nodes = list(zip(*self.nodes, strict=True)) or [()] * 8
        values, rows = zip(*self.leaves, strict=True) if self.leaves else ((), ())
        return Trees(
            root=np.array(roots, dtype=np.int64),
            feature=np.array(nodes[0], dtype=np.int64),
            threshold=np.array(nodes[1], dtype=np.float64),
            left=np.array(nodes[2], dtype=np.int64),
            right=np.array(nodes[3], dtype=np.int64),
            nan_left=np.array(nodes[4], dtype=np.bool_),
            nan_is_zero=np.array(nodes[5], dtype=np.bool_),
            node_rows=np.array(nodes[6], dtype=np.float64),
            leaf_rows=np.array(rows, dtype=np.float64),
            leaf_value=np.array(values, dtype=np.float64),
            gain=np.array(nodes[7], dtype=np.float64),
            n_features=n_features,
        )
