"""What became of leads: verdicts of sales, outcomes, and attempts to reach them."""

from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import Connection, Row, Table, and_, insert, select, update

from service.errors import ConflictError, NotFoundError
from service.store.tables import AUDIT, CONTACTS, DECISIONS, FEEDBACK, LEADS, OUTCOMES

CLOSED, OPENED = "closed", "opened"
STAGES = {"opportunity": OPENED, "won": CLOSED, "lost": CLOSED}


class Feedback(NamedTuple):
    """A verdict of sales; moments in UTC microseconds."""

    lead_id: str
    episode: int | None
    decision_id: str | None
    accepted: bool
    code: str | None
    text: str | None
    at: int
    recorded_at: int


class Outcome(NamedTuple):
    """What became of an episode; `corrects` where another outcome stood there by mistake."""

    lead_id: str
    episode: int | None
    outcome: str
    at: int
    value: float | None
    corrects: bool
    recorded_at: int
    who: str | None


class Contact(NamedTuple):
    """An attempt to reach a lead."""

    lead_id: str
    episode: int | None
    at: int
    means: str
    reached: bool
    recorded_at: int


def add_feedback(connection: Connection, new: Feedback) -> dict[str, Any]:
    """Keep a verdict; the lead is no longer handed over, since sales have answered.

    Raises
    ------
    NotFoundError
        When the lead, or the decision of it, is not stored.
    ConflictError
        When another verdict of the same moment is.
    """
    lead = _lead(connection, new.lead_id, new.episode)
    decision_id, label = lead.decision_id, lead.label
    if new.decision_id is not None:
        own = (DECISIONS.c.decision_id == new.decision_id) & (DECISIONS.c.lead_id == new.lead_id)
        found = connection.execute(select(DECISIONS.c.label).where(own)).one_or_none()
        if found is None:
            raise NotFoundError("decision_id: no such decision of this lead was kept")
        decision_id, label = new.decision_id, found.label
    values = {"decision_id": decision_id, "label": label, "accepted": new.accepted}
    values |= {"code": new.code, "text": new.text}
    place = {"lead_id": new.lead_id, "episode": lead.episode, "at": new.at}
    is_new = _put(connection, FEEDBACK, place, values, new.recorded_at)
    _answered(connection, lead)
    return {**place, "decision_id": decision_id, "label": label, "new": is_new}


def add_outcome(connection: Connection, new: Outcome) -> dict[str, Any]:
    """Keep an outcome; one that was there by mistake is replaced, and that is written down.

    Raises
    ------
    NotFoundError
        When the lead is not stored, or there is nothing to be corrected.
    ConflictError
        When the episode came out otherwise.
    """
    lead = _lead(connection, new.lead_id, new.episode)
    stage = STAGES[new.outcome]
    place = {"lead_id": new.lead_id, "episode": lead.episode, "stage": stage}
    values = {"outcome": new.outcome, "at": new.at, "value": new.value}
    if new.corrects:
        before = connection.execute(select(OUTCOMES).where(_at(OUTCOMES, place))).one_or_none()
        if before is None:
            raise NotFoundError("outcome: there is none to be corrected")
        changed = update(OUTCOMES).where(_at(OUTCOMES, place))
        connection.execute(changed.values(**values, recorded_at=new.recorded_at))
        was = {name: getattr(before, name) for name in values}
        _log(connection, new, {"was": was, "is": values})
        is_new = True
    else:
        is_new = _put(connection, OUTCOMES, place, values, new.recorded_at)
    _answered(connection, lead)
    return {"lead_id": new.lead_id, "episode": lead.episode, **values, "new": is_new}


def add_contact(connection: Connection, new: Contact) -> dict[str, Any]:
    """Keep an attempt to reach a lead.

    Raises
    ------
    NotFoundError
        When the lead is not stored.
    ConflictError
        When the same attempt was told with another result.
    """
    lead = _lead(connection, new.lead_id, new.episode)
    place = {"lead_id": new.lead_id, "episode": lead.episode, "at": new.at, "means": new.means}
    is_new = _put(connection, CONTACTS, place, {"reached": new.reached}, new.recorded_at)
    return {**place, "reached": new.reached, "new": is_new}


def _lead(connection: Connection, lead_id: str, episode: int | None) -> Row[Any]:
    """Return a lead, which nobody else changes until the transaction ends."""
    query = select(LEADS).where(LEADS.c.lead_id == lead_id)
    if episode is not None:
        query = query.where(LEADS.c.episode == episode)
    query = query.order_by(LEADS.c.episode.desc()).limit(1).with_for_update()
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFoundError("lead_id: no such lead is stored; PUT /leads/{id} or POST /score first")
    return found


def _put(
    connection: Connection,
    table: Table,
    place: dict[str, Any],
    values: dict[str, Any],
    recorded_at: int,
) -> bool:
    """Keep a row; return whether it was new. The same row again changes nothing."""
    before = connection.execute(select(table).where(_at(table, place))).one_or_none()
    if before is None:
        connection.execute(insert(table).values(**place, **values, recorded_at=recorded_at))
        return True
    for name, value in values.items():
        if getattr(before, name) != value:
            raise ConflictError(
                f"{name}: something else was told before; expected the same, or a correction"
            )
    return False


def _at(table: Table, place: dict[str, Any]) -> Any:
    return and_(*(table.c[name] == value for name, value in place.items()))


def _answered(connection: Connection, lead: Row[Any]) -> None:
    own = _at(LEADS, {"lead_id": lead.lead_id, "episode": lead.episode})
    connection.execute(update(LEADS).where(own).values(handed_over_at=None))


def _log(connection: Connection, new: Outcome, content: dict[str, Any]) -> None:
    entry = insert(AUDIT).values(
        at=new.recorded_at,
        who=new.who,
        what="outcome corrected",
        subject=new.lead_id,
        content=to_json(content).decode(),
    )
    connection.execute(entry)
