"""Which leads are a sample's, and how they leave."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, insert, select, update

from service.store.audit import log_change
from service.store.erasure import OF_LEADS
from service.store.tables import AUDIT, COSTS, LEADS, REQUESTS, SAMPLE_LEADS

FILLED, REMOVED = "sample filled", "sample removed"
Part = Literal["none", "some", "all"]
"""How much of what is stored is the sample."""


def part_of_sample(connection: Connection) -> Part:
    """Return whether leads of the sample are stored, and whether they are alone."""
    marked = select(SAMPLE_LEADS.c.lead_id).limit(1)
    if connection.execute(marked).first() is None:
        return "none"
    return "all" if connection.execute(real_lead()).first() is None else "some"


def real_lead() -> Select[Any]:
    """Return the query for one lead that is not of the sample."""
    own = select(SAMPLE_LEADS.c.lead_id)
    return select(LEADS.c.lead_id).where(LEADS.c.lead_id.not_in(own)).limit(1)


def wants_sample(connection: Connection) -> bool:
    """Return whether nobody has begun here yet: nothing is stored, and no sample ever came whole.

    One that was broken off does not count.
    """
    before = select(AUDIT.c.number).where(AUDIT.c.what.in_((FILLED, REMOVED))).limit(1)
    return all(connection.execute(query).first() is None for query in (before, real_lead()))


def mark_sample(connection: Connection, ids: Sequence[str]) -> None:
    """Write down that leads are the sample's, before they come."""
    known = set(connection.execute(select(SAMPLE_LEADS.c.lead_id)).scalars())
    new = [{"lead_id": lead_id} for lead_id in sorted(set(ids) - known)]
    if new:
        connection.execute(insert(SAMPLE_LEADS), new)


def log_sample(connection: Connection, at: int, what: str, leads: int) -> None:
    """Write down that the sample has come or gone: `FILLED` or `REMOVED`."""
    log_change(connection, at, None, (what, None), {"leads": leads})


def remove_sample(connection: Connection) -> dict[str, int]:
    """Remove the sample with all that was said of it since; return how many rows of each table.

    Nothing of it stays in the counts, since nobody has ever asked for anything.
    """
    own = select(SAMPLE_LEADS.c.lead_id)
    removed = {}
    for table in (*OF_LEADS, REQUESTS):
        gone = connection.execute(delete(table).where(table.c.lead_id.in_(own)))
        removed[table.name] = gone.rowcount
    removed[COSTS.name] = connection.execute(delete(COSTS).where(COSTS.c.is_sample)).rowcount
    of_sample = update(AUDIT).where(AUDIT.c.subject.in_(own))
    connection.execute(of_sample.values(subject=None, content="{}"))
    connection.execute(delete(SAMPLE_LEADS))
    return removed
