"""An agreement's tables as the text of a file."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any


def agreement_toml(tables: Mapping[str, Any]) -> str:
    """Return tables as TOML, in an order that people can read.

    Parameters
    ----------
    tables : mapping
        What `tomllib` reads of an agreement's file; None stands for what is not there.

    Examples
    --------
    >>> print(agreement_toml({"version": "1", "lines": {"mql": {"lift": 2}, "sql": {"lift": 4}}}))
    version = "1"
    <BLANKLINE>
    [lines]
    mql = { lift = 2 }
    sql = { lift = 4 }
    <BLANKLINE>
    """
    return "\n".join([*_lines(tables, ())]) + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield what stands in a table, then its tables, then its lists of tables."""
    known = {key: value for key, value in table.items() if value is not None}
    lists = {key: value for key, value in known.items() if _is_list_of_tables(value)}
    wide = {key: value for key, value in known.items() if _is_wide(value)}
    for key, value in known.items():
        if key not in lists and key not in wide:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in wide.items():
        yield f"\n[{_path(path, key)}]"
        yield from _lines(value, (*path, key))
    for key, value in lists.items():
        for one in value:
            yield f"\n[[{_path(path, key)}]]"
            yield from _lines(one, (*path, key))


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, Mapping) for x in value)


def _is_wide(value: Any) -> bool:
    """Return whether a table is too wide for a line of its own parent's."""
    if not isinstance(value, Mapping):
        return False
    return any(isinstance(one, Mapping) or _is_list_of_tables(one) for one in value.values())


def _path(path: tuple[str, ...], key: str) -> str:
    return ".".join(_key(part) for part in (*path, key))


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else _text(key)


def _text(text: str) -> str:
    # JSON writes all but this character as TOML would
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
