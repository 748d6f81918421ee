"""Opens a database; the one place that knows how SQLite and PostgreSQL differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from sqlite3 import Error, connect
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from features.errors import ConfigError

BUSY_SECONDS = 5.0
CHECKPOINT_PAGES = 8_000
"""Of 4 kB: copying the log back holds up a commit, so it is done rarely."""
READS = "reads_only"
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def read_url(text: str) -> URL:
    """Return a database's address.

    Raises
    ------
    ConfigError
        When it is none of SQLite or PostgreSQL; the message leaves the address out, which may
        hold a password.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("unreadable")
    if url.drivername in DRIVERS:
        url = url.set(drivername=DRIVERS[url.drivername])
    if url.drivername not in ("sqlite", *DRIVERS.values()):
        raise ConfigError(
            "LEAD_SCORING_DATABASE_URL: expected sqlite:///<file>, "
            "postgresql://<user>@<host>/<database>, or none"
        )
    return url


def open_engine(url: URL) -> Engine:
    """Return the connections to a database; none is made yet."""
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url, pool_pre_ping=True, connect_args={"connect_timeout": int(BUSY_SECONDS)}
        )
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


class Reader:
    """Reads an SQLite database over one connection that stays open, from any thread.

    A lead is read before every answer; opening a transaction takes longer than reading.

    Parameters
    ----------
    engine : Engine
        Of SQLite; each statement sees what was committed before it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = Lock()
        self._connection: Any = None

    def exec_driver_sql(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a query.

        Raises
        ------
        SQLAlchemyError
            When it cannot be read.
        """
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = self._open()
                found: list[Any] = self._connection.execute(statement, values).fetchall()
                return found
        except Error as error:
            self.close()
            raise OperationalError(None, None, error) from None

    def close(self) -> None:
        """Let go of the connection; a next query opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> Any:
        made = connect(
            self.engine.url.database or ":memory:",
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        made.execute("PRAGMA query_only=ON")
        return made


class Bare:
    """The statements of a transaction, straight to the driver.

    What SQLAlchemy does around a statement takes as long as the statement, where many small ones
    are written.

    Parameters
    ----------
    connection : Connection
        Whose transaction has begun.
    """

    def __init__(self, connection: Connection) -> None:
        self.engine = connection.engine
        self._driver: Any = connection.connection.driver_connection
        self._error: type[Exception] = connection.dialect.loaded_dbapi.Error

    def exec_driver_sql(self, statement: str, values: Sequence[Any]) -> Any:
        """Return the rows of a statement, if it has any.

        Raises
        ------
        SQLAlchemyError
            When the database does not take it.
        """
        try:
            return self._driver.execute(statement, values)
        except self._error as error:
            raise DBAPIError.instance(None, None, error, self._error) from None


def placed(engine: Engine, statement: str) -> str:
    """Return a statement with the database's own places for values; `?` marks them."""
    return statement.replace("?", "%s") if engine.dialect.name == "postgresql" else statement


def gathered(engine: Engine, columns: str) -> str:
    """Return what makes one JSON array of rows, each of them an array; null of none."""
    if engine.dialect.name == "postgresql":
        return f"json_agg(json_build_array({columns}))::text"
    return f"json_group_array(json_array({columns}))"


def locking(engine: Engine) -> str:
    """Return what keeps rows that were read from others until the transaction ends.

    SQLite has one writer at a time and needs nothing.
    """
    return " FOR UPDATE" if engine.dialect.name == "postgresql" else ""


def one_moment(engine: Engine) -> Mapping[str, Any]:
    """Return what lets all queries of a transaction see the same moment.

    SQLite's do anyway.
    """
    whole = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    return {READS: True, **whole}


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where this module says
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
