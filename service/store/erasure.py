"""All that is kept of one lead: handed out, or erased."""

from typing import Any

from sqlalchemy import Connection, Table, delete, exists, or_, select, update

from features.moment import DAY, to_datetime, to_moment
from service.errors import NO_SUCH_LEAD, NotFoundError
from service.store.audit import log_change
from service.store.content import opened
from service.store.database import placed
from service.store.outcomes import CORRECTED
from service.store.tables import (
    ACTIVITIES,
    ATTRIBUTE_VALUES,
    AUDIT,
    CONTACTS,
    CRM_OUTBOX,
    DECISIONS,
    FEEDBACK,
    LEADS,
    OUTCOMES,
    REQUESTS,
    SHADOWS,
    STAGES,
)

OF_LEADS: tuple[Table, ...] = (
    *(LEADS, ATTRIBUTE_VALUES, ACTIVITIES, DECISIONS, FEEDBACK, OUTCOMES, CONTACTS),
    *(CRM_OUTBOX, SHADOWS),
)
REACHED = {
    "mql": "mql_at",
    "sql": "sql_at",
    "accepted": "accepted_at",
    "rejected": "rejected_at",
    "opportunities": "opportunity_at",
}

ROW = ("day", "channel", "created_at", *STAGES)
COUNT = f"""INSERT INTO erased ({", ".join(ROW)}) VALUES ({", ".join("?" * len(ROW))})
ON CONFLICT (day, channel) DO UPDATE SET
{", ".join(f"{name} = erased.{name} + excluded.{name}" for name in STAGES)}"""
HEARD = (
    "created_at",
    "last_contact_at",
    "accepted_at",
    "rejected_at",
    "opportunity_at",
    "outcome_at",
)
HEARD_OF = ((ACTIVITIES, "recorded_at"), (ATTRIBUTE_VALUES, "known_at"))


def export_lead(connection: Connection, lead_id: str) -> dict[str, Any]:
    """Return everything that is kept of a lead, by table; moments in UTC microseconds.

    Raises
    ------
    NotFoundError
        When nothing is.
    """
    found: dict[str, Any] = {}
    for table in OF_LEADS:
        query = select(table).where(table.c.lead_id == lead_id)
        found[table.name] = [dict(row) for row in connection.execute(query).mappings()]
    if not found["leads"]:
        raise NotFoundError(NO_SUCH_LEAD)
    for row in found["decisions"]:
        row["content"] = opened(row["content"])
    own = (AUDIT.c.subject == lead_id) & (AUDIT.c.what == CORRECTED)
    log = select(AUDIT.c.at, AUDIT.c.what, AUDIT.c.content).where(own)
    found["audit"] = [dict(row) for row in connection.execute(log).mappings()]
    return found


def erase_lead(connection: Connection, lead_id: str, at: int, who: str | None) -> None:
    """Erase a lead with all that is kept of it; it stays counted, and the log says that.

    Raises
    ------
    NotFoundError
        When nothing is kept of it.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # no rest in free pages
    leads = (
        connection.execute(select(LEADS).where(LEADS.c.lead_id == lead_id).with_for_update())
        .mappings()
        .all()
    )
    if not leads:
        raise NotFoundError(NO_SUCH_LEAD)
    for lead in leads:
        _count(connection, dict(lead))
    for table in (*OF_LEADS, REQUESTS):
        connection.execute(delete(table).where(table.c.lead_id == lead_id))
    own = (AUDIT.c.subject == lead_id) & (AUDIT.c.what == CORRECTED)
    connection.execute(update(AUDIT).where(own).values(subject=None, content="{}"))
    log_change(connection, at, who, ("lead erased", None), {})


def expired_leads(connection: Connection, before: int, limit: int) -> list[str]:
    """Return leads of which nothing was heard since a moment.

    A lead that was only scored again, because time has passed, was not heard of.
    """
    heard = or_(
        *(LEADS.c[name] >= before for name in HEARD),
        *(
            exists().where(of.c.lead_id == LEADS.c.lead_id, of.c[name] >= before)
            for of, name in HEARD_OF
        ),
    )
    recent = select(LEADS.c.lead_id).where(heard)
    query = select(LEADS.c.lead_id).distinct().where(LEADS.c.lead_id.not_in(recent))
    return list(connection.execute(query.order_by(LEADS.c.lead_id).limit(limit)).scalars())


def forget_requests(connection: Connection, before: int) -> None:
    """Forget the answers by `Idempotency-Key` that are older than a moment."""
    connection.execute(delete(REQUESTS).where(REQUESTS.c.at < before))


def _count(connection: Connection, lead: dict[str, Any]) -> None:
    created = to_datetime(lead["created_at"])
    assert created is not None, "leads have a moment"
    first = to_moment(created.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    counts = {name: int(lead[column] is not None) for name, column in REACHED.items()}
    counts |= {"leads": 1, **{name: int(lead["outcome"] == name) for name in ("won", "lost")}}
    place = {"day": first // DAY, "channel": lead["channel"] or ""}
    row = {**place, "created_at": first, **counts}
    connection.exec_driver_sql(placed(connection.engine, COUNT), tuple(row[name] for name in ROW))
