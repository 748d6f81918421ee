"""The sentences of the dashboard, read when first needed."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def sentences(language: str) -> dict[str, Any]:
    """Return the sentences of a language, "en" or "zh"."""
    file = files("service.dashboard").joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def style() -> str:
    """Return the style sheet of all pages."""
    return files("service.dashboard").joinpath("style.css").read_text(encoding="utf-8")
