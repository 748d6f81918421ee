"""The word lists of the package, read when first needed."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def word_list(name: str) -> dict[str, Any]:
    """Return a word list of this folder by its file's name without ending.

    Examples
    --------
    >>> word_list("countries")["DE"]["dial"]
    '49'
    """
    text = files("features.attributes").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
