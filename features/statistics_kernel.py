"""The compiled look-up of target statistics."""

from math import isnan

from features.arrays import FloatArray, IntArray
from features.compiled import compiled


@compiled
def look_up(
    X: FloatArray,
    first: IntArray,
    second: IntArray,
    n_first: IntArray,
    n_second: IntArray,
    start: IntArray,
    flat: FloatArray,
    out: FloatArray,
) -> None:
    """Fill the columns of `out` after those of `X` with each row's statistics.

    A table has a place for each code and a last one for missing; codes beyond the table are
    values that training did not see, and get 0. A single column's `second` is -1.
    """
    n_rows, width = X.shape
    for row in range(n_rows):
        for column in range(width):
            out[row, column] = X[row, column]
        for i in range(len(start)):
            n_a, n_b = n_first[i], n_second[i]
            value = X[row, first[i]]
            a = n_a - 1 if isnan(value) else int(value)
            b = 0
            known = isnan(value) or a < n_a - 1
            if second[i] >= 0:
                other = X[row, second[i]]
                b = n_b - 1 if isnan(other) else int(other)
                known = known and (isnan(other) or b < n_b - 1)
            out[row, width + i] = flat[start[i] + a * n_b + b] if known else 0.0
