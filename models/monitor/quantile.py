"""Quantiles of the normal distribution, without a library for them."""

from statistics import NormalDist


def normal_quantile(share: float) -> float:
    """Return the value under which a share of a standard normal distribution lies.

    Examples
    --------
    >>> round(normal_quantile(0.975), 3)
    1.96
    """
    return NormalDist().inv_cdf(share)
