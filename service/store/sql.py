"""The store on SQLite or PostgreSQL."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, Row, select, update
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from service.errors import ConflictError, NotStorableError, StoreError
from service.store.activities import NewActivity, add_activities
from service.store.content import opened
from service.store.database import READS, Bare, Reader, one_moment, placed
from service.store.group import write_group
from service.store.known import KnownLead, Wanted, read_known
from service.store.migrations.upgrade import upgrade
from service.store.store import Found, Written
from service.store.tables import DECISIONS, REQUESTS

TAKE_KEY = """INSERT INTO requests (key, digest, answer, at) VALUES (?, ?, 'null', ?)
ON CONFLICT DO NOTHING"""
SHOWN = [DECISIONS.c[name] for name in ("decision_id", "as_of", "decided_at", "score", "label")]
AS_IT_COMES: Mapping[str, Any] = {READS: True}
Key = tuple[str, int]


class SqlStore:
    """Keeps leads and decisions in a database.

    Parameters
    ----------
    engine : Engine
        From `open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._prepared = False
        self._reader = Reader(engine) if engine.dialect.name == "sqlite" else None

    @property
    def reads_at_once(self) -> bool:
        """Whether a lead is read at once; not before the tables are known to be there."""
        return self._prepared and self._reader is not None

    def prepare(self) -> None:
        """Bring the tables up to this version, once."""
        if not self._prepared:
            with self._changes() as connection:
                upgrade(connection)
            self._prepared = True

    def write(self, decisions: Sequence[Written]) -> None:
        """Keep decisions, all or none; durable on return."""
        self.prepare()
        with self._changes() as connection:
            write_group(Bare(connection), decisions)

    def known(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, KnownLead]:
        """Return what is known of leads."""
        self.prepare()
        if self._reader is not None:
            try:
                return read_known(self._reader, wanted)
            except SQLAlchemyError as error:
                raise what_failed(error) from None
        with self._reads() as connection:
            return read_known(connection, wanted)

    def add_activities(self, new: Sequence[NewActivity]) -> Mapping[Key, int]:
        """Keep activities that are not kept yet; return how many were new to each lead."""
        self.prepare()
        with self._changes() as connection:
            return add_activities(connection, new)

    def once(
        self,
        change: Callable[[Connection], dict[str, Any]],
        key: str | None,
        digest: str,
        at: int,
    ) -> dict[str, Any]:
        """Make a change, all or none; durable on return. With a key, at most once.

        Raises
        ------
        ConflictError
            When the key was used for another request.
        """
        if key is None:
            return self.changing(change)
        self.prepare()
        with self._changes() as connection:
            # the key goes first: who comes second waits here until the first is done
            took = connection.exec_driver_sql(placed(self._engine, TAKE_KEY), (key, digest, at))
            own = REQUESTS.c.key == key
            if took.rowcount == 0:
                return _answer(connection.execute(select(REQUESTS).where(own)).one(), digest)
            made = change(connection)
            answer = to_json(made).decode()
            connection.execute(
                update(REQUESTS).where(own).values(answer=answer, lead_id=made.get("lead_id"))
            )
            return made

    def changing(self, change: Callable[[Connection], Found]) -> Found:
        """Make a change, all or none; durable on return."""
        self.prepare()
        with self._changes() as connection:
            return change(connection)

    def reading(self, query: Callable[[Connection], Found]) -> Found:
        """Return what a query finds."""
        self.prepare()
        with self._reads(one_moment(self._engine)) as connection:
            return query(connection)

    def decisions_of(self, lead_id: str, episode: int, most: int) -> list[dict[str, Any]]:
        """Return the newest decisions of a lead, the oldest of them first."""
        self.prepare()
        own = (DECISIONS.c.lead_id == lead_id) & (DECISIONS.c.episode == episode)
        query = select(*SHOWN, DECISIONS.c.content).where(own)
        query = query.order_by(DECISIONS.c.decided_at.desc(), DECISIONS.c.decision_id.desc())
        with self._reads() as connection:
            found = connection.execute(query.limit(most)).mappings().all()
        return [dict(row) | {"content": opened(row["content"])} for row in reversed(found)]

    def decision(self, decision_id: str) -> dict[str, Any] | None:
        """Return what was seen and answered."""
        self.prepare()
        query = select(DECISIONS.c.lead_id, DECISIONS.c.content).where(
            DECISIONS.c.decision_id == decision_id
        )
        with self._reads() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else {"lead_id": row.lead_id, **opened(row.content)}

    def close(self) -> None:
        """Let go of the database."""
        if self._reader is not None:
            self._reader.close()
        self._engine.dispose()

    @contextmanager
    def _changes(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise what_failed(error) from None

    @contextmanager
    def _reads(self, options: Mapping[str, Any] = AS_IT_COMES) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(**options) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise what_failed(error) from None


def what_failed(error: SQLAlchemyError) -> StoreError:
    """Return which kind of failure it was; a database's own words may repeat a value."""
    kind = type(getattr(error, "orig", None) or error).__name__
    if isinstance(error, DataError | IntegrityError):
        return NotStorableError(f"the database does not take a value of the lead ({kind})")
    return StoreError(f"the database does not do its work ({kind}); try again later")


def _answer(before: Row[Any], digest: str) -> dict[str, Any]:
    if before.digest != digest:
        raise ConflictError("Idempotency-Key: was used for another request before")
    answer: dict[str, Any] = from_json(before.answer)
    return answer
