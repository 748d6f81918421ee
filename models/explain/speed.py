"""How fast contributions are, beside LightGBM's own."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import NamedTuple

import lightgbm

from features.arrays import FloatArray
from models.explain.contributions import ContributionTables
from models.score.trees import trees_from_text


class ContributionSpeed(NamedTuple):
    """Median microseconds, on one core.

    Parameters
    ----------
    explain_one, pred_contrib_one : float
        Margin and contributions of one row: ours, and LightGBM's contributions alone.
    explain_many, margin_many, predict_many : float
        Per row of a matrix: ours with and without contributions, and LightGBM's margin.
    """

    explain_one: float
    pred_contrib_one: float
    explain_many: float
    margin_many: float
    predict_many: float


def measure_contributions(
    model_text: str,
    X: FloatArray,
    *,
    rounds: int = 300,
    clock: Callable[[], float] = perf_counter,
) -> ContributionSpeed:
    """Return the speed of contributions on a model.

    Parameters
    ----------
    model_text : str
        A model in LightGBM's text format.
    X : array of shape (n_rows, n_features)
        Rows to explain; one after the other in the measurements of one row.
    rounds : int
        How often one row is measured.
    clock : callable
        Gives seconds.
    """
    booster = lightgbm.Booster(model_str=model_text)
    trees = trees_from_text(model_text)
    tables = ContributionTables.build(trees)
    rows = [X[i : i + 1].copy() for i in range(min(len(X), rounds))]

    def per_row(act: Callable[[FloatArray], object], matrices: list[FloatArray]) -> float:
        act(matrices[0])
        seconds = []
        for matrix in matrices:
            begin = clock()
            act(matrix)
            seconds.append((clock() - begin) / len(matrix))
        return 1e6 * median(seconds)

    one = [rows[i % len(rows)] for i in range(rounds)]
    many = [X] * 5
    return ContributionSpeed(
        per_row(tables.explain, one),
        per_row(lambda A: booster.predict(A, pred_contrib=True, num_threads=1), one),
        per_row(tables.explain, many),
        per_row(trees.margin, many),
        per_row(lambda A: booster.predict(A, raw_score=True, num_threads=1), many),
    )
