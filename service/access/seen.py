"""Words that are taken once, known to all processes that share a database."""

from sqlalchemy import Connection

from service.store.database import placed
from service.store.lease import take_lease

START = "seen:"
FORGET = "DELETE FROM leases WHERE name >= 'seen:' AND name < 'seen;' AND until <= ?"


def first_time(connection: Connection, word: str, now: int, until: int) -> bool:
    """Take a word until a moment; return whether nobody has it (UTC microseconds).

    Words whose time is over are forgotten.
    """
    connection.exec_driver_sql(placed(connection.engine, FORGET), (now,))
    return take_lease(connection, START + word, now, until)
