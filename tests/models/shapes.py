"""Trees by their shape, as LightGBM's dump describes them."""

from typing import Any

import numpy as np

Node = dict[str, Any]


def leaf(value: float, rows: int) -> Node:
    return {"leaf_value": value, "leaf_count": rows}


def rows_of(node: Node) -> int:
    return int(node["leaf_count"] if "leaf_value" in node else node["internal_count"])


def split(feature: int, threshold: float, left: Node, right: Node) -> Node:
    return {
        "split_feature": feature,
        "threshold": threshold,
        "decision_type": "<=",
        "missing_type": "NaN",
        "default_left": False,
        "internal_count": rows_of(left) + rows_of(right),
        "split_gain": 1.0,
        "left_child": left,
        "right_child": right,
    }


def dump_of(*roots: Node, n_features: int) -> dict[str, Any]:
    return {
        "num_tree_per_iteration": 1,
        "average_output": False,
        "max_feature_idx": n_features - 1,
        "tree_info": [{"tree_structure": root} for root in roots],
    }


def random_tree(rng: np.random.Generator, n_leaves: int, depth: int) -> Node:
    """Return a random shape whose splits all have features of their own (0, 1, 2, ...)."""
    next_feature = iter(range(n_leaves))

    def grow(n: int, room: int) -> Node:
        if n == 1:
            return leaf(float(rng.normal()), int(rng.integers(1, 50)))
        least, most = max(1, n - 2 ** (room - 1)), min(n - 1, 2 ** (room - 1))
        n_left = int(rng.integers(least, most + 1))
        feature = next(next_feature)
        return split(feature, 0.0, grow(n_left, room - 1), grow(n - n_left, room - 1))

    return grow(n_leaves, depth)


def heaviest_tree() -> Node:
    """Return four subtrees of seven leaves: 256 cases of 9 numbers in each table."""
    rng = np.random.default_rng(0)
    features = iter(range(100))

    def full(depth: int, leaves: int) -> Node:
        if depth == 0:
            return chain(leaves)
        feature = next(features)
        return split(feature, 0.0, full(depth - 1, leaves), full(depth - 1, leaves))

    def chain(leaves: int) -> Node:
        if leaves == 1:
            return leaf(float(rng.normal()), 10)
        left = leaves // 2
        return split(next(features), 0.0, chain(left), chain(leaves - left))

    return full(2, 7)
