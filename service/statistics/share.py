"""A share of some leads, with its interval."""

from typing import Any

import numpy as np

from models.explain.evidence import wilson_interval


def share_of(part: int, whole: int) -> dict[str, Any]:
    """Return a share with its 95 % interval (Wilson's); no share of nothing.

    Examples
    --------
    >>> share_of(1, 2)["share"], share_of(0, 0)["share"]
    (0.5, None)
    """
    if not whole:
        return {"of": 0, "share": None, "low": None, "high": None}
    low, high = wilson_interval(np.array([part]), np.array([whole]))
    return {"of": whole, "share": part / whole, "low": float(low[0]), "high": float(high[0])}


def quantiles(values: "np.ndarray[Any, np.dtype[np.float64]]") -> dict[str, Any]:
    """Return median and 90 % quantile of some figures.

    Examples
    --------
    >>> quantiles(np.array([1.0, 3.0]))["median"]
    2.0
    """
    if not values.size:
        return {"of": 0, "median": None, "p90": None}
    median, p90 = np.quantile(values, [0.5, 0.9])
    return {"of": int(values.size), "median": float(median), "p90": float(p90)}
