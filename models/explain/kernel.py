"""The compiled part of the contributions."""

from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from features.compiled import compiled
from models.score.kernel import Decisions, show
from models.score.points import LEAST, MOST


class GroupTables(NamedTuple):
    """Groups of all trees, flat.

    A case of a group has 1 + n_columns numbers in the table: what the row's leaf adds to the
    margin if it is in this group, then the contributions of the group's leaves by column.

    Parameters
    ----------
    first_group : array of shape (n_trees + 1,)
        Where each tree's groups start.
    shift, inner : arrays of shape (n_groups,)
        Which of the tree's nodes are the low bits of the group's case.
    first_test : array of shape (n_groups + 1,)
        Where each group's tests start, the bits above.
    mask, want : arrays of shape (n_tests,)
        A test holds when the tree's decisions under the mask are as wanted.
    first_column : array of shape (n_groups + 1,)
        Where each group's columns start.
    slot : array of shape (n_columns,)
        Column of the result that a group's column is added to.
    first_entry : array of shape (n_groups,)
        Where each group's cases start in the table.
    table : array
        The numbers.
    """

    first_group: IntArray
    shift: IntArray
    inner: IntArray
    first_test: IntArray
    mask: IntArray
    want: IntArray
    first_column: IntArray
    slot: IntArray
    first_entry: IntArray
    table: FloatArray


@compiled
def add_leaf(
    value: float,
    share: FloatArray,
    mask: IntArray,
    want: IntArray,
    column: IntArray,
    weight: FloatArray,
    table: FloatArray,
) -> None:
    """Add a leaf's contributions to its group's cases.

    The Shapley value of feature i in a game that is worth `value` times the product of 1 or
    0 over known features (satisfied or not) and of the shares over unknown ones. The sums
    over sets of others of each size are the coefficients of a polynomial.

    Parameters
    ----------
    value : float
        What the leaf adds to the margin.
    share, mask, want, column : arrays of shape (n_features,)
        The leaf's conditions in bits of the case, and the column of each feature.
    weight : array of shape (n_features,)
        Shapley weight of a set of others, by its size.
    table : array of shape (n_cases, 1 + n_columns)
        Changed in place.
    """
    d = len(share)
    coefficient = np.empty(d + 1)
    known = np.empty(d)
    for case in range(table.shape[0]):
        ends_here = True
        for i in range(d):
            holds = (case & mask[i]) == want[i]
            known[i] = 1.0 if holds else 0.0
            ends_here &= holds
        if ends_here:
            table[case, 0] = value
        for i in range(d):
            coefficient[:] = 0.0
            coefficient[0] = 1.0
            size = 0
            for j in range(d):
                if j != i:
                    for k in range(size, -1, -1):
                        coefficient[k + 1] += coefficient[k] * known[j]
                        coefficient[k] *= share[j]
                    size += 1
            total = 0.0
            for k in range(d):
                total += weight[k] * coefficient[k]
            table[case, 1 + column[i]] += total * (known[i] - share[i]) * value


@compiled
def explain_rows(
    X: FloatArray,
    decisions: Decisions,
    groups: GroupTables,
    n_block: int,
    margin: FloatArray,
    out: FloatArray,
) -> None:
    """Add up each row's margin and contributions, tree by tree and group by group.

    Each row's sums have one order, whatever the block: a row alone and among others gets the
    same bits. The margin is the sum that `add_margins` makes, with zeros between.
    """
    shown = np.empty((len(decisions.view_feature), n_block))
    words = np.empty(n_block, dtype=np.int64)
    margin[:] = 0.0
    out[:] = 0.0
    for begin in range(0, X.shape[0], n_block):
        n = min(n_block, X.shape[0] - begin)
        show(X, begin, n, decisions, shown)
        for tree in range(len(decisions.first_node) - 1):
            first = decisions.first_node[tree]
            for row in range(n):
                word = np.int64(0)
                for node in range(first, decisions.first_node[tree + 1]):
                    goes_left = shown[decisions.view_of[node], row] <= decisions.threshold[node]
                    word |= np.int64(goes_left) << (node - first)
                words[row] = word
            for group in range(groups.first_group[tree], groups.first_group[tree + 1]):
                low = (np.int64(1) << groups.inner[group]) - 1
                column = groups.first_column[group]
                n_columns = groups.first_column[group + 1] - column
                for row in range(n):
                    word = words[row]
                    case = (word >> groups.shift[group]) & low
                    bit = groups.inner[group]
                    for test in range(groups.first_test[group], groups.first_test[group + 1]):
                        holds = (word & groups.mask[test]) == groups.want[test]
                        case |= np.int64(holds) << bit
                        bit += 1
                    entry = groups.first_entry[group] + case * (n_columns + 1)
                    margin[begin + row] += groups.table[entry]
                    for i in range(n_columns):
                        out[begin + row, groups.slot[column + i]] += groups.table[entry + 1 + i]


@compiled
def fill_ledger(
    points: FloatArray, family: IntArray, start: float, base: float, out: FloatArray
) -> None:
    """Fill ledgers, shape (n_columns, n_rows): start, base, sums by family, cap.

    Parameters
    ----------
    points : array of shape (n_rows, n_abouts)
        Added up in the order of the columns.
    family : array of shape (n_abouts,)
        Position of each column's family.
    start, base : float
        Points of a lead at the anchor, and those that the model starts from beside it.
    """
    last = out.shape[0] - 1
    for row in range(points.shape[0]):
        out[0, row] = start
        out[1, row] = base
        for column in range(2, last):
            out[column, row] = 0.0
        for about in range(points.shape[1]):
            out[2 + family[about], row] += points[row, about]
        before = 0.0
        for column in range(last):
            before += out[column, row]
        out[last, row] = min(max(before, LEAST), MOST) - before
