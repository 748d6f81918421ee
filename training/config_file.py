"""Reading a training configuration from a file and from settings."""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from features.errors import ConfigError
from training.config import TrainingConfig

T = TypeVar("T")


def load_config(path: Path | None, settings: Iterable[str] = ()) -> TrainingConfig:
    """Return the configuration of a TOML file, overridden by `name=value` settings.

    Parameters
    ----------
    path : Path or None
        TOML file; None: the defaults.
    settings : iterable of str
        Such as "boosting.leaves=7".

    Raises
    ------
    ConfigError
        When the file is absent or no TOML, or a name or value is not known.
    """
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    for setting in settings:
        _override(data, setting)
    config: TrainingConfig = _build(TrainingConfig, data, "")
    return config


def section(kind: type[T], data: Mapping[str, Any], where: str) -> T:
    """Return one part of a configuration, as `dataclasses.asdict` wrote it.

    Raises
    ------
    ConfigError
        When a name or a value is not known.
    """
    known = {name: value for name, value in data.items() if value is not None}
    made: T = _build(kind, known, f"{where}.")
    return made


def _override(data: dict[str, Any], setting: str) -> None:
    name, equals, text = setting.partition("=")
    if not equals:
        raise ConfigError(f"setting {setting!r}: expected name=value, such as boosting.leaves=7")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise ConfigError(f"setting {name}: {text!r} is not a number") from None
    *tables, key = name.strip().split(".")
    for table in tables:
        data = data.setdefault(table, {})
        if not isinstance(data, dict):
            raise ConfigError(f"setting {name}: {table} is not a table")
    data[key] = value


def _build(kind: Any, data: Mapping[str, Any], prefix: str) -> Any:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in data.items():
        where = f"{prefix}{key}"
        if key not in hints:
            raise ConfigError(f"{where}: no such setting; known are {', '.join(sorted(hints))}")
        if dataclasses.is_dataclass(hints[key]):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{where}: expected a table of settings")
            values[key] = _build(hints[key], value, f"{where}.")
        else:
            values[key] = _value(hints[key], value, where)
    return kind(**values)


def _value(hint: Any, value: object, where: str) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ConfigError(f"{where}: expected one of {', '.join(get_args(hint))}")
        return value
    if get_origin(hint) is tuple:
        kind = get_args(hint)[0]
        words = "texts" if kind is str else "numbers"
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{where}: expected a list of {words}")
        if kind is not str:
            return tuple(_number(kind, item, where) for item in value)
        if not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{where}: expected a list of texts")
        return tuple(value)
    if hint is bool:
        if not isinstance(value, bool):
            raise ConfigError(f"{where}: expected true or false")
        return value
    return _number(hint, value, where)


def _number(hint: Any, value: object, where: str) -> float:
    whole = int in (get_args(hint) if isinstance(hint, UnionType) else (hint,))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where}: expected a number")
    if whole and value != int(value):
        raise ConfigError(f"{where} is {value:g}, expected a whole number")
    return int(value) if whole else float(value)
