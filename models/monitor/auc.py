"""How well probabilities rank leads, and how sure that is."""

import numpy as np

from features.arrays import FloatArray


def auc_with_error(probability: FloatArray, won: FloatArray) -> tuple[float, float]:
    """Return the area under the ROC curve and its standard error (DeLong et al., 1988).

    Examples
    --------
    >>> auc_with_error(np.array([0.1, 0.2, 0.3]), np.array([0.0, 0.0, 1.0]))[0]
    1.0
    """
    good, bad = np.sort(probability[won > 0]), np.sort(probability[won <= 0])
    if not len(good) or not len(bad):
        return float("nan"), float("nan")

    def beaten(values: FloatArray, among: FloatArray) -> FloatArray:
        low = np.searchsorted(among, values, side="left")
        high = np.searchsorted(among, values, side="right")
        return np.asarray((low + high) / (2.0 * len(among)))

    of_good, of_bad = beaten(good, bad), 1.0 - beaten(bad, good)
    spread = [part.var(ddof=1) / len(part) if len(part) > 1 else 0.25 for part in (of_good, of_bad)]
    return float(of_good.mean()), float(np.sqrt(sum(spread)))
