"""The compiled walk down the trees."""

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from features.compiled import compiled


@compiled
def margins(
    X: FloatArray,
    root: IntArray,
    feature: IntArray,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    nan_left: BoolArray,
    nan_is_zero: BoolArray,
    leaf_value: FloatArray,
    out: FloatArray,
) -> None:
    """Add up the leaf values of each row, tree by tree."""
    for row in range(X.shape[0]):
        total = 0.0
        for tree in range(len(root)):
            node = root[tree]
            while node >= 0:
                value = X[row, feature[node]]
                if np.isnan(value):
                    if nan_is_zero[node]:
                        goes_left = threshold[node] >= 0.0
                    else:
                        goes_left = nan_left[node]
                else:
                    goes_left = value <= threshold[node]
                node = left[node] if goes_left else right[node]
            total += leaf_value[-1 - node]
        out[row] = total
