"""From out-of-time margins to a calibration."""

from features.arrays import FloatArray
from models.score.calibration import Calibration
from training.config import Calibrating
from training.evaluate.metrics import calibration_line

NO_CHANGE = Calibration()


def fit_calibration(
    margin: FloatArray,
    target: FloatArray,
    weight: FloatArray,
    config: Calibrating,
    *,
    start: Calibration = NO_CHANGE,
    steps: int = 25,
) -> Calibration:
    """Return the affine calibration of margins that were predicted out of time.

    Logistic regression of the target on the margin (Platt, 1999), with normal priors that
    pull it towards no change. The second prior is on the level at the mean margin, so that
    a change of slope alone moves no level.

    Parameters
    ----------
    margin, target, weight : arrays of shape (n_rows,)
        Log-odds predicted out of time, what came of the rows, and how much each counts.
    config : Calibrating
        Widths of the priors.
    start, steps : Calibration, int
        Where Newton's method starts, and how many steps it may take.

    Returns
    -------
    Calibration
        Its slope may be negative: then there is no signal.
    """
    centre = float((weight * margin).sum() / weight.sum())
    slope, level = calibration_line(
        margin - centre,
        target,
        weight,
        start=(start.slope, start.slope * centre + start.intercept),
        prior=(1.0, centre),
        precision=(config.slope_sd**-2, config.intercept_sd**-2),
        steps=steps,
    )
    return Calibration(slope, level - slope * centre)
