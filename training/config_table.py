"""`python -m training.config_table`: every setting of a training, as a table in Markdown."""

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from features.errors import ConfigError
from training.config import TrainingConfig, bounds

HEAD = ("| setting | default | bounds | meaning |", "| --- | --- | --- | --- |")


def config_table() -> str:
    """Return the table, in the order of the configuration.

    Raises
    ------
    ConfigError
        When a setting is not described where it is declared.

    Examples
    --------
    >>> config_table().splitlines()[2]
    '| `seed` | 1 | 0 to 2147483647 | Of all randomness. |'
    """
    config = TrainingConfig()
    limits = {where: (low, high) for where, _, low, high in bounds(config)}
    rows = (_row(name, value, says, limits) for name, value, says in _settings(config, ""))
    return "".join(f"{line}\n" for line in (*HEAD, *rows))


def described(kind: type[Any]) -> dict[str, str]:
    """Return what the parameters of a class mean, from its numpydoc docstring.

    Examples
    --------
    >>> from training.config import Calibrating
    >>> list(described(Calibrating))
    ['slope_sd', 'intercept_sd']
    """
    text = inspect.getdoc(kind) or ""
    _, _, listed = text.partition("Parameters\n----------\n")
    found: dict[str, str] = {}
    for names, says in re.findall(r"^(\w[^:\n]*) : [^\n]*\n((?:(?: +[^\n]*)?\n?)*)", listed, re.M):
        found |= dict.fromkeys(names.split(", "), " ".join(says.split()))
    return found


def _settings(part: Any, prefix: str) -> Iterator[tuple[str, object, str]]:
    """Yield name, default and meaning of each setting; parts follow what stands alone."""
    meaning = described(type(part))
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if dataclasses.is_dataclass(value):
            yield from _settings(value, f"{prefix}{field.name}.")
        elif not meaning.get(field.name):
            raise ConfigError(f"{prefix}{field.name}: its docstring does not say what it is")
        else:
            yield f"{prefix}{field.name}", value, meaning[field.name]


def _row(name: str, value: object, says: str, limits: Mapping[str, tuple[float, float]]) -> str:
    low_high = limits.get(name)
    bound = "" if low_high is None else f"{_number(low_high[0])} to {_number(low_high[1])}"
    return f"| `{name}` | {_shown(value)} | {bound} | {says} |"


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return _number(value) if isinstance(value, int | float) else f'"{value}"'


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


if __name__ == "__main__":
    sys.stdout.write(config_table())
