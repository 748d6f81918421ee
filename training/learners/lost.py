"""Fewer of the rows that were not won, and what that does to the log-odds."""

from math import log
from typing import NamedTuple

import lightgbm
import numpy as np

from training.table import Table


class Fewer(NamedTuple):
    """Rows to fit on.

    Parameters
    ----------
    table : Table
    shift : float
        Is added to the log-odds of what they teach: the log of the share that was kept.
    """

    table: Table
    shift: float


def fewer_lost(table: Table, share: float, seed: int) -> Fewer:
    """Return all rows that were won and a share of the others, drawn by the seed.

    Each row that was not won is kept with the same chance s, whatever it is like, so that the
    odds of what is kept are the true odds over s for every kind of lead, and adding log(s)
    to the log-odds gives the true ones (King and Zeng, Logistic regression in rare events
    data, 2001, prior correction). Where opportunities earn credit, targets lie between 0 and
    1 and the shift would not be one for all: then every row is kept.

    Parameters
    ----------
    share : float
        In (0, 1]; 1 keeps all.
    """
    between = bool(((table.target > 0.0) & (table.target < 1.0)).any())
    if share >= 1.0 or between:
        return Fewer(table, 0.0)
    drawn = np.random.default_rng(seed).random(table.n_rows) < share
    return Fewer(table.take(np.flatnonzero((table.target > 0.0) | drawn)), log(share))


def shifted(booster: lightgbm.Booster, shift: float) -> None:
    """Add a shift to all log-odds of a model.

    It goes to the leaves of the first tree, where LightGBM keeps the mean that it starts from.
    """
    if shift == 0.0:
        return
    for leaf in range(booster.dump_model(num_iteration=1)["tree_info"][0]["num_leaves"]):
        booster.set_leaf_output(0, leaf, booster.get_leaf_output(0, leaf) + shift)
