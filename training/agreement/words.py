"""What the commands about agreements say, in English and Chinese."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the sentences of a language."""
    text = files("training.agreement").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def say(language: str, key: str, **values: object) -> str:
    """Return a sentence with its values."""
    return catalogue(language)[key].format(**values)
