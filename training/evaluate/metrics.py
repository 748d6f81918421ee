"""How good predicted probabilities are, on rows that may count several times."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray

BINS: Final = 10
TOP_SHARE: Final = 0.1
SMALLEST: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Predictions:
    """Probabilities and what came of them, by falling probability.

    Parameters
    ----------
    probability, target : arrays of shape (n_rows,)
    order : array of shape (n_rows,)
        Position in the original rows.
    tie_start : array of shape (n_ties,)
        First row of each run of equal probabilities.
    """

    probability: FloatArray
    target: FloatArray
    order: IntArray
    tie_start: IntArray = field(repr=False)

    @staticmethod
    def of(probability: FloatArray, target: FloatArray) -> "Predictions":
        """Return predictions in their order."""
        order = np.argsort(-probability, kind="stable")
        ordered = probability[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        return Predictions(ordered, target[order], order, starts[: len(ordered)])

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.probability)

    def weights(self, count: FloatArray | None = None) -> FloatArray:
        """Return how often each row counts, in this order; once by default."""
        return np.ones(self.n_rows) if count is None else count[self.order]


@dataclass(frozen=True, slots=True)
class Ties:
    """Rows with equal probability together: how many, and how many of them won."""

    rows: FloatArray
    won: FloatArray

    @staticmethod
    def of(predictions: Predictions, weight: FloatArray) -> "Ties":
        """Return the runs of equal probability."""
        starts = predictions.tie_start
        won = weight * predictions.target
        return Ties(np.add.reduceat(weight, starts), np.add.reduceat(won, starts))


def base_rate(predictions: Predictions, weight: FloatArray) -> float:
    """Return the share won."""
    return float((weight * predictions.target).sum() / weight.sum())


def roc_auc(ties: Ties) -> float:
    """Return the chance that a won row is ranked before a lost one; ties count half.

    NaN where there is only one class.
    """
    lost = ties.rows - ties.won
    n_won, n_lost = ties.won.sum(), lost.sum()
    if n_won == 0 or n_lost == 0:
        return float("nan")
    after = n_lost - np.cumsum(lost)
    return float((ties.won * (after + 0.5 * lost)).sum() / (n_won * n_lost))


def pr_auc(ties: Ties) -> float:
    """Return the average precision; NaN without a won row."""
    n_won = ties.won.sum()
    if n_won == 0:
        return float("nan")
    rows = np.cumsum(ties.rows)
    precision = np.divide(np.cumsum(ties.won), rows, out=np.zeros(len(rows)), where=rows > 0)
    return float((precision * ties.won).sum() / n_won)


def lift(ties: Ties, share: float = TOP_SHARE) -> float:
    """Return the win rate of the top share over that of all; a tie at its edge is shared."""
    taken = _taken(ties.rows, share * ties.rows.sum())
    rate = np.divide(ties.won, ties.rows, out=np.zeros(len(taken)), where=ties.rows > 0)
    overall = ties.won.sum() / ties.rows.sum()
    if overall == 0:
        return float("nan")
    return float((taken * rate).sum() / taken.sum() / overall)


def _taken(rows: FloatArray, wanted: float) -> FloatArray:
    before = np.cumsum(rows) - rows
    taken: FloatArray = np.clip(wanted - before, 0.0, rows)
    return taken


def log_loss(predictions: Predictions, weight: FloatArray) -> float:
    """Return the mean of -log of the probability of what happened."""
    loss = row_log_loss(predictions.probability, predictions.target)
    return float((weight * loss).sum() / weight.sum())


def row_log_loss(probability: FloatArray, target: FloatArray) -> FloatArray:
    """Return each row's -log of the probability of what happened."""
    p = np.clip(probability, SMALLEST, 1.0 - SMALLEST)
    loss: FloatArray = -np.where(target == 1.0, np.log(p), np.log1p(-p))
    return loss


def brier(predictions: Predictions, weight: FloatArray) -> float:
    """Return the mean squared error of the probability."""
    error = predictions.probability - predictions.target
    return float((weight * error * error).sum() / weight.sum())


def ece(predictions: Predictions, weight: FloatArray, bins: int = BINS) -> float:
    """Return the expected calibration error over bins of equal mass.

    The mean distance between the mean probability and the share won, over the bins. Rows
    with equal probability are kept in their order.
    """
    total = weight.sum()
    middle = np.cumsum(weight) - 0.5 * weight
    position = np.minimum((middle / total * bins).astype(np.int64), bins - 1)
    gap = weight * (predictions.probability - predictions.target)
    return float(np.abs(np.bincount(position, weights=gap, minlength=bins)).sum() / total)


def observed_expected(predictions: Predictions, weight: FloatArray) -> float:
    """Return wins that happened over wins that the probabilities add up to."""
    expected = float((weight * predictions.probability).sum())
    return float((weight * predictions.target).sum()) / max(expected, SMALLEST)


def top_observed_expected(
    predictions: Predictions, weight: FloatArray, share: float = TOP_SHARE
) -> float:
    """Return the same for the rows with the highest probability."""
    taken = _taken(weight, share * float(weight.sum()))
    return observed_expected(predictions, taken)


def calibration_line(
    z: FloatArray,
    target: FloatArray,
    weight: FloatArray,
    *,
    start: tuple[float, float] = (1.0, 0.0),
    prior: tuple[float, float] = (1.0, 0.0),
    precision: tuple[float, float] = (1e-9, 1e-9),
    steps: int = 25,
) -> tuple[float, float]:
    """Return slope and intercept of the logistic regression of the target on log-odds.

    Parameters
    ----------
    z : array of shape (n_rows,)
        Log-odds.
    start : pair of float
        Where Newton's method starts.
    prior, precision : pairs of float
        Means of the normal priors on slope and intercept, and one over their variances.
    steps : int
        Newton steps at most.
    """
    slope, intercept = start
    for _ in range(steps):
        p = 1.0 / (1.0 + np.exp(-np.clip(slope * z + intercept, -500.0, 500.0)))
        error = weight * (p - target)
        curve = weight * p * (1.0 - p)
        g0 = float((error * z).sum()) + precision[0] * (slope - prior[0])
        g1 = float(error.sum()) + precision[1] * (intercept - prior[1])
        h00 = float((curve * z * z).sum()) + precision[0]
        h01 = float((curve * z).sum())
        h11 = float(curve.sum()) + precision[1]
        determinant = h00 * h11 - h01 * h01
        if determinant <= 1e-12 * h00 * h11:  # one probability for all rows
            return slope, intercept - g1 / h11
        down = (h11 * g0 - h01 * g1) / determinant
        across = (h00 * g1 - h01 * g0) / determinant
        longest = max(1.0, abs(down), abs(across))
        slope, intercept = slope - down / longest, intercept - across / longest
        if abs(down) + abs(across) < 1e-10:
            break
    return slope, intercept


def log_odds(probability: FloatArray) -> FloatArray:
    """Return the log-odds of probabilities, kept finite."""
    p = np.clip(probability, SMALLEST, 1.0 - SMALLEST)
    z: FloatArray = np.log(p) - np.log1p(-p)
    return z


def all_metrics(
    predictions: Predictions,
    count: FloatArray | None = None,
    *,
    line_start: tuple[float, float] = (1.0, 0.0),
    line_steps: int = 25,
) -> dict[str, float]:
    """Return every metric, the rows counted so many times (once by default)."""
    weight = predictions.weights(count)
    ties = Ties.of(predictions, weight)
    slope, intercept = calibration_line(
        log_odds(predictions.probability),
        predictions.target,
        weight,
        start=line_start,
        steps=line_steps,
    )
    return {
        "n": float(weight.sum()),
        "base_rate": base_rate(predictions, weight),
        "roc_auc": roc_auc(ties),
        "pr_auc": pr_auc(ties),
        "log_loss": log_loss(predictions, weight),
        "brier": brier(predictions, weight),
        "ece": ece(predictions, weight),
        "lift_at_10": lift(ties),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "observed_expected": observed_expected(predictions, weight),
        "observed_expected_top": top_observed_expected(predictions, weight),
    }


def ece_if_calibrated(probability: FloatArray, seed: int, draws: int = 100) -> float:
    """Return the mean ECE that these probabilities would show if they were exactly right."""
    predictions = Predictions.of(probability, np.zeros(len(probability)))
    generator = np.random.default_rng(seed)
    weight = np.ones(len(probability))
    found = []
    for _ in range(draws):
        drawn = (generator.random(len(probability)) < predictions.probability).astype(np.float64)
        drawn_rows = Predictions(
            predictions.probability, drawn, predictions.order, predictions.tie_start
        )
        found.append(ece(drawn_rows, weight))
    return float(np.mean(found))
