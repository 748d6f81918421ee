"""Work that one process at a time does, of those that share a database."""

from sqlalchemy import Connection

from service.store.database import placed

TAKE = """INSERT INTO leases (name, until) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE leases.until <= ?"""


def take_lease(connection: Connection, name: str, now: int, until: int) -> bool:
    """Take a work until a moment; return whether nobody else has it (UTC microseconds)."""
    statement = placed(connection.engine, TAKE)
    return bool(connection.exec_driver_sql(statement, (name, until, now)).rowcount)


def end_lease(connection: Connection, name: str, now: int) -> None:
    """Let others take a work at once (UTC microseconds)."""
    statement = placed(connection.engine, "UPDATE leases SET until = ? WHERE name = ?")
    connection.exec_driver_sql(statement, (now, name))
