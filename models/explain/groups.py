"""Trees cut into small subtrees, each of which gets one table of contributions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from features.arrays import IntArray
from models.score.trees import Trees

MOST_BITS: Final = 8
"""Bits that number the cases of a group; measured: with 7 or 9 one row takes no less time.

With at most 6 splits on a path and 31 leaves in a tree, no leaf then costs more than 3 kB
(three conditions above a subtree of six leaves: 256 cases of 9 numbers).
"""


class Condition(NamedTuple):
    """All splits by one feature on a path.

    Parameters
    ----------
    mask, want : int
        Bits of the nodes, and what they must be: 1 is left.
    share : float
        Share of the training rows that pass, of those that came to these nodes.
    """

    mask: int
    want: int
    share: float


Path = dict[int, Condition]


class LeafPath(NamedTuple):
    """A leaf, and the conditions by feature under which a row ends in it."""

    leaf: int
    conditions: Path


@dataclass(frozen=True, slots=True)
class Group:
    """A subtree and the way to it, and the bits that number its cases.

    Parameters
    ----------
    tests : tuple of Condition
        What must hold to come here: one bit each, above those of the inner nodes. Their
        masks speak of the tree's nodes.
    shift, inner : int
        First node of the subtree within the tree, and how many nodes it has: the low bits.
    leaves : tuple of LeafPath
        Their conditions speak of the bits of the group.
    """

    tests: tuple[Condition, ...]
    shift: int
    inner: int
    leaves: tuple[LeafPath, ...]

    @property
    def n_bits(self) -> int:
        """Number of bits."""
        return self.inner + len(self.tests)


def groups_of(trees: Trees, tree: int) -> Iterator[Group]:
    """Yield the groups of a tree, from left to right; each leaf is in one of them."""
    size = _sizes(trees, tree)
    pending: list[tuple[int, Path]] = [(trees.root(tree), {})]
    while pending:
        node, path = pending.pop()
        if node < 0 or len(path) + size[node] <= MOST_BITS:
            yield _group(trees, tree, node, path, size.get(node, 0))
        else:
            pending.append((int(trees.right[node]), _step(trees, tree, node, path, left=False)))
            pending.append((int(trees.left[node]), _step(trees, tree, node, path, left=True)))


def _sizes(trees: Trees, tree: int) -> dict[int, int]:
    size: dict[int, int] = {}
    first: IntArray = trees.decisions.first_node
    for node in range(int(first[tree + 1]) - 1, int(first[tree]) - 1, -1):
        children = int(trees.left[node]), int(trees.right[node])
        size[node] = 1 + sum(size.get(child, 0) for child in children)
    return size


def _step(trees: Trees, tree: int, node: int, path: Path, *, left: bool) -> Path:
    bit = 1 << (node - int(trees.decisions.first_node[tree]))
    feature = int(trees.feature[node])
    child = int(trees.left[node] if left else trees.right[node])
    before = path.get(feature, Condition(0, 0, 1.0))
    after = Condition(
        before.mask | bit,
        before.want | (bit if left else 0),
        before.share * _share(trees, node, child),
    )
    return path | {feature: after}


def _share(trees: Trees, node: int, child: int) -> float:
    rows = float(trees.node_rows[node])
    if not rows > 0:
        return 0.5  # no training row tells, and both children's shares must add up to one
    return float(trees.leaf_rows[-1 - child] if child < 0 else trees.node_rows[child]) / rows


def _group(trees: Trees, tree: int, node: int, path: Path, inner: int) -> Group:
    shift = node - int(trees.decisions.first_node[tree]) if node >= 0 else 0
    test_bit = {feature: 1 << (inner + i) for i, feature in enumerate(path)}
    low = (1 << inner) - 1

    def of_group(feature: int, condition: Condition) -> Condition:
        came_here = test_bit.get(feature, 0)
        return Condition(
            (condition.mask >> shift) & low | came_here,
            (condition.want >> shift) & low | came_here,
            condition.share,
        )

    leaves = tuple(
        LeafPath(leaf, {f: of_group(f, condition) for f, condition in conditions.items()})
        for leaf, conditions in _leaves(trees, tree, node, path)
    )
    return Group(tuple(path.values()), shift, inner, leaves)


def _leaves(trees: Trees, tree: int, node: int, path: Path) -> Iterator[LeafPath]:
    if node < 0:
        yield LeafPath(-1 - node, path)
        return
    for left, child in ((True, trees.left[node]), (False, trees.right[node])):
        yield from _leaves(trees, tree, int(child), _step(trees, tree, node, path, left=left))


def weights(n_features: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the Shapley weights of sets of 0 to n - 1 others among n features.

    Examples
    --------
    >>> weights(2)
    array([0.5, 0.5])
    """
    out = np.ones(n_features)
    for size in range(n_features):
        ways = 1.0
        for i in range(size):
            ways *= (n_features - 1 - i) / (i + 1)
        out[size] = 1.0 / (n_features * ways)
    return out
