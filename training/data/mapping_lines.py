"""Finds the line of a mapping file on which a key stands."""

import re
from collections.abc import Sequence


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Return the line (from 1) that sets a dotted key, None where it cannot be found.

    A table's header counts for keys that are missing in it.
    """
    table: tuple[str, ...] = ()
    header: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.match(r"\s*\[\[?([^\[\]]+)\]", line)
        if found:
            table = _parts(found[1])
            if table == tuple(path[: len(table)]):
                header = number
            continue
        key = re.match(r"\s*(\"[^\"]*\"|'[^']*'|[\w.-]+)\s*=", line)
        if key and (*table, *_parts(key[1])) == tuple(path[: len(table) + len(_parts(key[1]))]):
            return number
    return header


def _parts(dotted: str) -> tuple[str, ...]:
    found = re.findall(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)", dotted)
    return tuple(double or single or bare for double, single, bare in found)
