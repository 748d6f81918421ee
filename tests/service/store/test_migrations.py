"""A database of an earlier version is brought up to date with what is in it."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from service.store.database import open_engine, read_url
from service.store.migrations.upgrade import newest, upgrade
from service.store.tables import METADATA

LEAD = """INSERT INTO leads (lead_id, episode, created_at, channel, attributes, label)
VALUES ('L-1', 1, 5, 'Referral', '{}', 'SQL')"""
DECISION = """INSERT INTO decisions (decision_id, lead_id, episode, as_of, decided_at,
agreement_version, label, content) VALUES (:id, 'L-1', 1, :at, :at, '1', :label, :content)"""
SAID = (
    "INSERT INTO feedback (lead_id, episode, at, accepted, recorded_at) "
    "VALUES ('L-1', 1, 40, true, 40)",
    "INSERT INTO contacts (lead_id, episode, at, means, reached, recorded_at) "
    "VALUES ('L-1', 1, 31, 'phone', false, 31), ('L-1', 1, 35, 'phone', true, 35)",
    "INSERT INTO outcomes (lead_id, episode, stage, outcome, at, value, recorded_at) "
    "VALUES ('L-1', 1, 'opened', 'opportunity', 50, NULL, 50), "
    "('L-1', 1, 'closed', 'won', 60, 900.5, 60)",
)
JOURNEY = {
    "mql_at": 20,
    "sql_at": 30,
    "attempts": 2,
    "first_contact_at": 31,
    "last_contact_at": 35,
    "reached_at": 35,
    "accepted_at": 40,
    "rejected_at": None,
    "opportunity_at": 50,
    "outcome": "won",
    "outcome_at": 60,
    "value": 900.5,
}


def filled(connection: Connection) -> None:
    """Store a lead as versions did that knew no journey."""
    connection.execute(text(LEAD))
    for number, label in enumerate(("nurture", "MQL", "SQL")):
        row = {"id": str(number), "at": 10 * (number + 1), "label": label, "content": b"{}"}
        connection.execute(text(DECISION), row)
    for said in SAID:
        connection.execute(text(said))


# SQLAlchemy cannot read such an index of SQLite; that queries use it is tested with them
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression")
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.parametrize("step", ["4", "5", "8", "10", "17"])
def test_what_an_earlier_version_kept_is_taken_over(url: str, step: str) -> None:
    engine = open_engine(read_url(url))
    with engine.begin() as connection:
        upgrade(connection, step)
        if step == "4":
            filled(connection)
    with engine.begin() as connection:
        upgrade(connection)
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == newest()
        assert compare_metadata(context, METADATA) == []
        if step == "4":
            row: Any = connection.execute(text("SELECT * FROM leads")).mappings().one()
            assert {name: row[name] for name in JOURNEY} == JOURNEY
    engine.dispose()
