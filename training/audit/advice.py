"""Lines to paste into a mapping."""

import json
import re
from collections.abc import Mapping


def excluding(columns: Mapping[str, str], *, is_first: bool) -> list[str]:
    """Return the lines that leave columns out.

    Parameters
    ----------
    columns : mapping of str to str
        Why, by column.
    is_first : bool
        Whether the mapping leaves nothing out yet, so that the table's header is needed.
    """
    header = ["[excluded]"] if is_first else []
    return [*header, *(f"{quoted(column)} = {quoted(why)}" for column, why in columns.items())]


def vouching(name: str) -> list[str]:
    """Return the lines that vouch for an attribute, but for the reason."""
    return [table_of(name), 'vouched = "why"']


def table_of(name: str) -> str:
    """Return the header of an attribute's table."""
    key = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)
    return f"[attributes.{key}]"


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
