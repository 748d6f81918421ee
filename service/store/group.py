"""A group of decisions in one transaction, with one statement for each kind of row.

Every statement is a turn for which the threads of a process wait, and a way to the server and
back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

from service.store.database import Bare, locking, placed
from service.store.store import Written

AT_ONCE = 400
"""Rows of a statement; databases take some ten thousand values."""
ADD_LEADS = """INSERT INTO leads (lead_id, episode, created_at, channel, source, attributes, arm)
VALUES %s ON CONFLICT DO NOTHING"""
READ_LEADS = """SELECT lead_id, episode, created_at, attributes, decided_as_of, account_id,
contact_id, label, handed_over_at, contact_by, mql_at, sql_at, last_known_at, owner,
channel, source
FROM leads WHERE (lead_id, episode) IN (VALUES %s) ORDER BY lead_id, episode"""
KEY = ("lead_id", "episode")
CHANGED = ("attributes",)
CAME_BY = ("attributes", "channel", "source")
DECIDED = (
    *("attributes", "decided_as_of", "account_id", "contact_id", "owner", "decision_id"),
    *("probability", "score", "label", "handed_over_at", "contact_by", "offered", "propensity"),
    *("mql_at", "sql_at", "last_known_at"),
)
ADD_VALUES = """INSERT INTO attribute_values (lead_id, episode, name, known_at, value)
VALUES %s ON CONFLICT (lead_id, episode, name, known_at) DO UPDATE SET value = excluded.value"""
ADD_ACTIVITIES = """INSERT INTO activities
(lead_id, episode, kind, occurred_at, place, recorded_at) VALUES %s ON CONFLICT DO NOTHING"""
ADD_DECISIONS = """INSERT INTO decisions (decision_id, lead_id, episode, as_of, decided_at,
model_version, agreement_version, probability, score, label, content) VALUES %s"""
HANDED_OVER = ("MQL", "SQL")
HELD_OUT = "holdout"
Key = tuple[str, int]


class Known:
    """What is known of one episode while a group is written.

    Parameters
    ----------
    created_at : int
        UTC microseconds, as all moments.
    attributes : str
        Latest value of each attribute with its moment, as JSON.
    decided_as_of : int or None
        Moment that the last decision looked at.
    """

    def __init__(
        self,
        created_at: int,
        attributes: str,
        decided_as_of: int | None,
        account_id: str | None,
        contact_id: str | None,
        label: str | None,
        handed_over_at: int | None,
        contact_by: int | None,
        mql_at: int | None,
        sql_at: int | None,
        last_known_at: int | None,
        owner: str | None,
        channel: str | None,
        source: str | None,
    ) -> None:
        self.created_at = created_at
        self._before = attributes
        self._attributes: dict[str, list[Any]] = from_json(attributes)
        self._changed = False
        self.decided_as_of = decided_as_of
        self.account_id = account_id
        self.contact_id = contact_id
        self.label = label
        self.handed_over_at = handed_over_at
        self.contact_by = contact_by
        self.mql_at = mql_at
        self.sql_at = sql_at
        self.last_known_at = last_known_at
        self.owner = owner
        self.channel = channel
        self.source = source
        self.tells_more = False
        self.last: Written | None = None

    @property
    def attributes(self) -> str:
        """Latest values as JSON."""
        return to_json(self._attributes).decode() if self._changed else self._before

    def take(self, decision: Written) -> Iterator[tuple[str, str]]:
        """Take up a decision; return the attributes that it changes, with their values."""
        as_of = decision.as_of
        for name in ("channel", "source"):  # the first known one stays
            told = getattr(decision, name)
            if getattr(self, name) is None and told is not None:
                setattr(self, name, told)
                self.tells_more = True
        for name, value in decision.attributes.items():
            before = self._attributes.get(name)
            if before is not None and before[0] == value and before[1] <= as_of:
                continue
            yield name, value
            if before is None or before[1] <= as_of:
                self._attributes[name] = [value, as_of]
                self._changed = True
        if self.decided_as_of is None or as_of >= self.decided_as_of:
            self.decided_as_of, self.last = as_of, decision
            self._hand_over(decision)
            self.account_id = decision.account_id or self.account_id
            self.contact_id = decision.contact_id or self.contact_id
            self.owner = decision.owner or self.owner
            self._advance(decision)

    def row(self, key: Key) -> tuple[Any, ...]:
        """Return the values of the columns that a decision changes."""
        changed = (*key, self.created_at, self.attributes)
        last = self.last
        if last is None:
            return changed
        owned = (self.decided_as_of, self.account_id, self.contact_id, self.owner)
        decided = (last.decision_id, last.probability, last.score, last.label)
        waits = (self.handed_over_at, self.contact_by, last.offered, last.propensity)
        return (*changed, *owned, *decided, *waits, self.mql_at, self.sql_at, self.last_known_at)

    def _hand_over(self, decision: Written) -> None:
        """Keep when the lead came to its label, unless sales have answered since."""
        if self.label is None:
            self.label, self.handed_over_at = decision.previous_label, decision.handed_over_at
        if decision.label not in HANDED_OVER or decision.offered == HELD_OUT:
            self.handed_over_at = self.contact_by = None
        elif decision.label != self.label:
            self.handed_over_at, self.contact_by = decision.decided_at, decision.contact_by
        self.label = decision.label

    def _advance(self, decision: Written) -> None:
        """Keep when the lead first came so far; one that is held out is not handed over."""
        if decision.offered == HELD_OUT:
            return
        if decision.label in HANDED_OVER and self.mql_at is None:
            self.mql_at, self.last_known_at = decision.decided_at, decision.last_known_at
        if decision.label == "SQL" and self.sql_at is None:
            self.sql_at = decision.decided_at


def write_group(connection: Bare, decisions: Sequence[Written]) -> None:
    """Keep decisions with what they say of their leads, in the transaction of a connection."""
    # in one order, so that two services never wait in a ring
    first = sorted({one.key: one for one in reversed(decisions)}.items())
    new = [(*key, one.created_at, one.channel, one.source, "{}", one.arm) for key, one in first]
    put_rows(connection, ADD_LEADS, new)
    known = _known(connection, [key for key, _ in first])
    values: dict[tuple[Any, ...], str] = {}  # of two for one moment the later one stays
    for one in decisions:
        for name, value in known[one.key].take(one):
            values[*one.key, name, one.as_of] = value
    put_rows(connection, ADD_VALUES, [(*place, value) for place, value in values.items()])
    decided = [one.row(key) for key, one in known.items() if one.last is not None]
    put_rows(connection, changing(DECIDED), decided)
    late = [one.row(key) for key, one in known.items() if one.last is None]
    put_rows(connection, changing(CHANGED), late)
    came_by = [
        (*key, one.created_at, one.attributes, one.channel, one.source)
        for key, one in known.items()
        if one.tells_more
    ]
    put_rows(connection, changing(CAME_BY), came_by)
    deeds = [(*one.key, *activity) for one in decisions for activity in one.activities]
    put_rows(connection, ADD_ACTIVITIES, deeds)
    put_rows(connection, ADD_DECISIONS, [_decision(one) for one in decisions])


def put_rows(connection: Bare, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement with many rows in the place of its `%s`."""
    for some in _parts(rows):
        _run(connection, statement, some)


def _known(connection: Bare, keys: Sequence[Key]) -> Mapping[Key, Known]:
    """Return what is known of leads, which nobody else changes until the transaction ends."""
    lock = locking(connection.engine)
    return {
        (row[0], row[1]): Known(*row[2:])
        for some in _parts(keys)
        for row in _run(connection, READ_LEADS + lock, some)
    }


def _run(connection: Bare, statement: str, rows: Sequence[tuple[Any, ...]]) -> Any:
    whole = placed(connection.engine, with_places(statement, len(rows[0]), len(rows)))
    return connection.exec_driver_sql(whole, tuple(value for row in rows for value in row))


@lru_cache(maxsize=1000)
def with_places(statement: str, columns: int, rows: int) -> str:
    """Return a statement with places for the values of rows.

    Examples
    --------
    >>> with_places("INSERT INTO keys VALUES %s", 2, 3)
    'INSERT INTO keys VALUES (?, ?), (?, ?), (?, ?)'
    """
    row = f"({', '.join('?' * columns)})"
    return statement % ", ".join([row] * rows)


@lru_cache
def changing(columns: tuple[str, ...]) -> str:
    """Return the statement that changes leads which are there."""
    names = ", ".join((*KEY, "created_at", *columns))
    new = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return (
        f"INSERT INTO leads ({names}) VALUES %s ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {new}"
    )


def _parts(rows: Sequence[tuple[Any, ...]]) -> Iterable[Sequence[tuple[Any, ...]]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


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
