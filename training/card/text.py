"""The sentences of a card."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def sentences(part: str) -> dict[str, str]:
    """Return the sentences of a part of the card."""
    return _all()[part]


def way(name: str) -> str:
    """Return the name of a way to predict, or of a candidate, in words."""
    return sentences("ways").get(name, name.replace("_", " "))


@cache
def _all() -> dict[str, Any]:
    return tomllib.loads(files("training.card").joinpath("card.toml").read_text(encoding="utf-8"))
