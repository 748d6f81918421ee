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
from service.store.database import READS, Reader, locking, one_moment, placed
from service.store.known import KnownLead, Wanted, read_known
from service.store.migrations.upgrade import upgrade
from service.store.store import Found, Written
from service.store.tables import DECISIONS, REQUESTS

AT_ONCE = 400
ADD_LEAD = """INSERT INTO leads (lead_id, episode, created_at, channel, source, attributes)
VALUES (?, ?, ?, ?, ?, '{}') ON CONFLICT DO NOTHING"""
READ_LEADS = """SELECT lead_id, episode, attributes, decided_as_of, account_id, contact_id,
label, handed_over_at, contact_by, mql_at, sql_at, owner
FROM leads WHERE (lead_id, episode) IN (VALUES %s) ORDER BY lead_id, episode"""
CHANGE_LEAD = """UPDATE leads SET attributes = ?, decided_as_of = ?, account_id = ?,
contact_id = ?, owner = ?
WHERE lead_id = ? AND episode = ?"""
DECIDE_LEAD = """UPDATE leads SET decision_id = ?, probability = ?, score = ?, label = ?,
handed_over_at = ?, contact_by = ?, offered = ?, propensity = ?
WHERE lead_id = ? AND episode = ?"""
ADVANCE_LEAD = """UPDATE leads SET mql_at = ?, sql_at = ?, last_known_at = ?
WHERE lead_id = ? AND episode = ?"""
ADD_VALUE = """INSERT INTO attribute_values (lead_id, episode, name, known_at, value)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (lead_id, episode, name, known_at) DO UPDATE SET value = excluded.value"""
ADD_ACTIVITY = """INSERT INTO activities (lead_id, episode, kind, occurred_at, place, recorded_at)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
ADD_DECISION = """INSERT INTO decisions (decision_id, lead_id, episode, as_of, decided_at,
model_version, agreement_version, probability, score, label, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
TAKE_KEY = """INSERT INTO requests (key, digest, answer, at) VALUES (?, ?, 'null', ?)
ON CONFLICT DO NOTHING"""
SHOWN = [DECISIONS.c[name] for name in ("decision_id", "as_of", "decided_at", "score", "label")]
AS_IT_COMES: Mapping[str, Any] = {READS: True}
HANDED_OVER = ("MQL", "SQL")
Key = tuple[str, int]


class Known:
    """What is known of one episode while a group is written.

    Parameters
    ----------
    attributes : dict of str to (value, known_at)
        Latest value of each attribute, as JSON.
    decided_as_of : int or None
        Moment that the last decision looked at.
    """

    def __init__(
        self,
        attributes: dict[str, tuple[str, int]],
        decided_as_of: int | None,
        account_id: str | None,
        contact_id: str | None,
        label: str | None = None,
        handed_over_at: int | None = None,
        contact_by: int | None = None,
        mql_at: int | None = None,
        sql_at: int | None = None,
        owner: str | None = None,
    ) -> None:
        self.attributes = attributes
        self.decided_as_of = decided_as_of
        self.account_id = account_id
        self.contact_id = contact_id
        self.label = label
        self.handed_over_at = handed_over_at
        self.contact_by = contact_by
        self.mql_at = mql_at
        self.sql_at = sql_at
        self.owner = owner
        self.last: Written | None = None
        self.advanced: Written | None = None

    def take(self, decision: Written) -> Iterator[tuple[str, int, str, int, str]]:
        """Take up a decision; return the changes of attributes that it brings."""
        as_of = decision.as_of
        for name, value in decision.attributes.items():
            before = self.attributes.get(name)
            if before is not None and before[0] == value and before[1] <= as_of:
                continue
            yield (*decision.key, name, as_of, value)
            if before is None or before[1] <= as_of:
                self.attributes[name] = (value, as_of)
        if self.decided_as_of is None or as_of >= self.decided_as_of:
            self.decided_as_of, self.last = as_of, decision
            self._hand_over(decision)
            self.account_id = decision.account_id or self.account_id
            self.contact_id = decision.contact_id or self.contact_id
            self.owner = decision.owner or self.owner
            self._advance(decision)

    def _hand_over(self, decision: Written) -> None:
        """Keep when the lead came to its label, unless sales have answered since."""
        if self.label is None:
            self.label, self.handed_over_at = decision.previous_label, decision.handed_over_at
        if decision.label not in HANDED_OVER:
            self.handed_over_at = self.contact_by = None
        elif decision.label != self.label:
            self.handed_over_at, self.contact_by = decision.decided_at, decision.contact_by
        self.label = decision.label

    def _advance(self, decision: Written) -> None:
        """Keep when the lead first came so far."""
        if decision.label in HANDED_OVER and self.mql_at is None:
            self.mql_at, self.advanced = decision.decided_at, decision
        if decision.label == "SQL" and self.sql_at is None:
            self.sql_at = decision.decided_at
            self.advanced = self.advanced or decision


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
            self._write(connection, decisions)

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

    def _write(self, connection: Connection, decisions: Sequence[Written]) -> None:
        first = {decision.key: decision for decision in reversed(decisions)}
        new = [
            (*key, first[key].created_at, first[key].channel, first[key].source)
            for key in sorted(first)  # in one order, so that two services never wait in a ring
        ]
        self._run(connection, ADD_LEAD, new)
        known = self._known(connection, sorted(first))
        values = [row for one in decisions for row in known[one.key].take(one)]
        self._run(connection, ADD_VALUE, values)
        self._run(connection, CHANGE_LEAD, [_change(key, one) for key, one in known.items()])
        self._run(
            connection, DECIDE_LEAD, [_decide(one, one.last) for one in known.values() if one.last]
        )
        self._run(
            connection,
            ADVANCE_LEAD,
            [_advance(one, one.advanced) for one in known.values() if one.advanced],
        )
        activities = [(*one.key, *activity) for one in decisions for activity in one.activities]
        self._run(connection, ADD_ACTIVITY, activities)
        self._run(connection, ADD_DECISION, [_decision(one) for one in decisions])

    def _known(self, connection: Connection, keys: Sequence[Key]) -> Mapping[Key, Known]:
        known = {}
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            places = READ_LEADS % ", ".join(["(?, ?)"] * len(some))
            statement = placed(self._engine, places) + locking(self._engine)
            values = tuple(value for key in some for value in key)
            for row in connection.exec_driver_sql(statement, values):
                attributes = {name: (v, at) for name, (v, at) in from_json(row[2]).items()}
                known[row[0], row[1]] = Known(attributes, *row[3:])
        return known

    def _run(self, connection: Connection, statement: str, rows: list[Any]) -> None:
        if rows:
            connection.exec_driver_sql(placed(self._engine, statement), rows)

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


def _change(key: Key, known: Known) -> tuple[Any, ...]:
    attributes = to_json(known.attributes).decode()
    return (attributes, known.decided_as_of, known.account_id, known.contact_id, known.owner, *key)


def _decide(known: Known, last: Written) -> tuple[Any, ...]:
    decided = (last.decision_id, last.probability, last.score, last.label)
    waits = (known.handed_over_at, known.contact_by)
    return (*decided, *waits, last.offered, last.propensity, *last.key)


def _advance(known: Known, last: Written) -> tuple[Any, ...]:
    return (known.mql_at, known.sql_at, last.last_known_at, *last.key)


def _decision(one: Written) -> tuple[Any, ...]:
    return (
        one.decision_id,
        *one.key,
        one.as_of,
        one.decided_at,
        one.model_version,
        one.agreement_version,
        one.probability,
        one.score,
        one.label,
        one.content,
    )
