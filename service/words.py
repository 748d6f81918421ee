"""The sentences of the service, read when first needed."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words(language: str) -> dict[str, Any]:
    """Return the sentences of a language, "en" or "zh"."""
    return tomllib.loads(files("service").joinpath(f"{language}.toml").read_text(encoding="utf-8"))
