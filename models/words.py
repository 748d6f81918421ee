"""The sentences of the package, read when first needed."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from features.sentences import LANGUAGES


@cache
def words(language: str) -> dict[str, Any]:
    """Return the sentences of a language; those of English where it is not spoken.

    Examples
    --------
    >>> words("zh")["about"]["channel"]
    '渠道'
    """
    name = language if language in LANGUAGES else LANGUAGES[0]
    return tomllib.loads(files("models").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
