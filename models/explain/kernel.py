"""The compiled part of the contributions."""

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from features.compiled import compiled


@compiled
def fill_table(zero: FloatArray, value: float, weight: FloatArray, out: FloatArray) -> None:
    """Fill a leaf's table: for each set of satisfied conditions, each feature's share.

    Parameters
    ----------
    zero : array of shape (d,)
        Share of the training rows that satisfy each feature's conditions on the path.
    value : float
        What the leaf adds to the margin.
    weight : array of shape (d,)
        Shapley weight of a set of s others among d features, by s.
    out : array of shape (2**d * d,)
        Contributions, the features of one set after the other; bit i of the set's number
        tells whether feature i is satisfied.
    """
    d = len(zero)
    for pattern in range(1 << d):
        for i in range(d):
            total = 0.0
            for others in range(1 << d):
                if others & (1 << i) or others & ~pattern:
                    continue
                product = 1.0
                size = 0
                for j in range(d):
                    if others & (1 << j):
                        size += 1
                    elif j != i:
                        product *= zero[j]
                total += weight[size] * product
            one = 1.0 if pattern & (1 << i) else 0.0
            out[pattern * d + i] = total * (one - zero[i]) * value


@compiled
def explain_rows(
    X: FloatArray,
    first_leaf: IntArray,
    first_condition: IntArray,
    feature: IntArray,
    slot: IntArray,
    low: FloatArray,
    high: FloatArray,
    nan_ok: BoolArray,
    first_entry: IntArray,
    table: FloatArray,
    leaf_value: FloatArray,
    margin: FloatArray,
    out: FloatArray,
) -> None:
    """Add up each row's margin and contributions, leaf by leaf.

    The one leaf of a tree whose conditions are all satisfied is where the row ends, so that
    the margin is the same sum in the same order as by walking down the trees.
    """
    out[:] = 0.0
    n_trees = len(first_leaf) - 1
    for row in range(X.shape[0]):
        total = 0.0
        for tree in range(n_trees):
            for leaf in range(first_leaf[tree], first_leaf[tree + 1]):
                begin = first_condition[leaf]
                d = first_condition[leaf + 1] - begin
                pattern = np.int64(0)
                for i in range(d):
                    c = begin + i
                    value = X[row, feature[c]]
                    ok = (value > low[c]) & (value <= high[c])
                    ok |= (value != value) & nan_ok[c]
                    pattern |= np.int64(ok) << i
                if pattern == (1 << d) - 1:
                    total += leaf_value[leaf]
                entry = first_entry[leaf] + pattern * d
                for i in range(d):
                    out[row, slot[begin + i]] += table[entry + i]
        margin[row] = total


@compiled
def sum_families(points: FloatArray, family: IntArray, out: FloatArray) -> None:
    """Add up each row's points by family, in the order of the columns."""
    for row in range(points.shape[0]):
        for f in range(out.shape[1]):
            out[row, f] = 0.0
        for column in range(points.shape[1]):
            out[row, family[column]] += points[row, column]
