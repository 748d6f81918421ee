"""The compiled decisions of boosted trees."""

from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from features.compiled import compiled

RIGHT, LEFT, ZERO, ZERO_RIGHT, ZERO_LEFT = range(5)
"""What a split makes of a missing value: it goes right or left, counts as 0, or goes right
or left together with 0."""
NEARLY_ZERO = float(np.float32(1e-35))
"""LightGBM's bound for what counts as 0."""
HASH = 0x077CB531
"""De Bruijn sequence of 32 bits: times a power of two, its top five bits are all different
(Leiserson, Prokop, Randall: Using de Bruijn sequences to index a 1 in a computer word, 1998)."""
N_PLACES = 32


class Decisions(NamedTuple):
    """The splits of all trees, in the order in which a tree is read: node, left, right.

    Parameters
    ----------
    first_node : array of shape (n_trees + 1,)
        Where each tree's nodes start.
    view_of : array of shape (n_nodes,)
        The view that a node looks at.
    threshold : array of shape (n_nodes,)
        A row goes left when what the view shows is at most the threshold.
    view_feature, view_missing : arrays of shape (n_views,)
        A view is a feature, with its missing values replaced by what goes the right way.
    """

    first_node: IntArray
    view_of: IntArray
    threshold: FloatArray
    view_feature: IntArray
    view_missing: IntArray


@compiled
def show(X: FloatArray, begin: int, n: int, decisions: Decisions, shown: FloatArray) -> None:
    """Write what each view shows of rows `begin` to `begin + n`, shape (n_views, n)."""
    for view in range(len(decisions.view_feature)):
        feature = decisions.view_feature[view]
        missing = decisions.view_missing[view]
        for row in range(n):
            value = X[begin + row, feature]
            if missing >= ZERO_RIGHT and abs(value) <= NEARLY_ZERO:
                value = np.nan
            if np.isnan(value):
                # nothing is at most a threshold that is not a number; minus infinity always is
                if missing in (LEFT, ZERO_LEFT):
                    value = -np.inf
                elif missing == ZERO:
                    value = 0.0
            shown[view, row] = value


@compiled
def add_margins(
    X: FloatArray,
    decisions: Decisions,
    alive_right: IntArray,
    leaf_at: FloatArray,
    n_block: int,
    margin: FloatArray,
) -> None:
    """Add up the leaf values of each row, tree by tree, for blocks of rows at a time.

    A tree's leaves are bits. Each node that a row leaves to the right rules out the leaves
    on its left; the lowest bit that stays is the leaf that the row ends in (Lucchese et al.,
    QuickScorer, 2015). There are no jumps, so that the machine does several rows at once.
    """
    shown = np.empty((len(decisions.view_feature), n_block))
    alive = np.empty(n_block, dtype=np.int64)
    margin[:] = 0.0
    for begin in range(0, X.shape[0], n_block):
        n = min(n_block, X.shape[0] - begin)
        show(X, begin, n, decisions, shown)
        for tree in range(len(decisions.first_node) - 1):
            alive[:n] = 0xFFFFFFFF
            for node in range(decisions.first_node[tree], decisions.first_node[tree + 1]):
                view = decisions.view_of[node]
                threshold = decisions.threshold[node]
                keep = alive_right[node]
                for row in range(n):
                    alive[row] &= -np.int64(shown[view, row] <= threshold) | keep
            for row in range(n):
                lowest = alive[row] & -alive[row]
                place = ((lowest * HASH) & 0xFFFFFFFF) >> 27
                margin[begin + row] += leaf_at[tree, place]


@compiled
def round_scores(
    points: FloatArray, start: float, least: float, most: float, scores: IntArray
) -> None:
    """Round points above the start to whole scores within bounds, halves to the even score."""
    for row in range(len(points)):
        scores[row] = np.int64(np.rint(min(max(start + points[row], least), most)))
