"""What was changed by hand."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, insert

from service.store.tables import AUDIT


def log_change(
    connection: Connection,
    at: int,
    who: str | None,
    what: tuple[str, str | None],
    content: Mapping[str, Any],
) -> None:
    """Write down a change.

    Parameters
    ----------
    at : int
        UTC microseconds.
    who : str or None
        Name of the key that was used.
    what : (str, str or None)
        The kind of change, and of what.
    """
    kind, subject = what
    entry = insert(AUDIT).values(
        at=at, who=who, what=kind, subject=subject, content=to_json(content).decode()
    )
    connection.execute(entry)
