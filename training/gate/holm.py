"""Several tests at once, without one of them failing by chance."""

import numpy as np

from features.arrays import FloatArray


def holm(p: FloatArray) -> FloatArray:
    """Return p-values adjusted by Holm's step-down method, in their order.

    Each may be compared with the error rate allowed for all tests together.

    Source: Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    n = len(p)
    order = np.argsort(p, kind="stable")
    times = n - np.arange(n)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * times), 1.0)
    return adjusted
