"""Whether a model found anything: when it did not, rates answer."""

from typing import Any

from models.score.calibration import Calibration


def reasons_for_no_signal(
    test: dict[str, Any], base: dict[str, Any], calibration: Calibration
) -> list[str]:
    """Return why a model has no signal, in words; none where it has.

    Parameters
    ----------
    test, base : dict
        Figures of the model and of the base rate on the same rows.
    calibration : Calibration
        Of the model, from its out-of-time predictions.
    """
    reasons = []
    low = test["intervals"]["roc_auc"][0]
    if low is None or low <= 0.5:
        bound = "unknown" if low is None else f"{low:.3f}"
        reasons.append(f"the lower bound of the ROC AUC is {bound}, expected over 0.5")
    if test["log_loss"] >= base["log_loss"]:
        reasons.append(
            f"the log loss is {test['log_loss']:.4f}, the base rate alone has "
            f"{base['log_loss']:.4f}"
        )
    if calibration.slope <= 0.0:
        reasons.append(
            f"the calibration slope out of time is {calibration.slope:.2f}, expected over 0"
        )
    return reasons
