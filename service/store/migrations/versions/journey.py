"""How far each lead has come, and who works it; from what was kept before, too."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision: str | None = "4"

NEW: dict[str, sa.types.TypeEngine[Any]] = {
    "owner": sa.Text(),
    "contact_by": sa.BigInteger(),
    "mql_at": sa.BigInteger(),
    "sql_at": sa.BigInteger(),
    "last_known_at": sa.BigInteger(),
    "offered": sa.Text(),
    "propensity": sa.Double(),
    "attempts": sa.Integer(),
    "first_contact_at": sa.BigInteger(),
    "last_contact_at": sa.BigInteger(),
    "reached_at": sa.BigInteger(),
    "accepted_at": sa.BigInteger(),
    "rejected_at": sa.BigInteger(),
    "opportunity_at": sa.BigInteger(),
    "outcome": sa.Text(),
    "outcome_at": sa.BigInteger(),
    "value": sa.Double(),
}
COUNTED = (
    *("created_at", "channel", "mql_at", "sql_at", "last_known_at", "attempts"),
    *("first_contact_at", "reached_at", "accepted_at", "rejected_at", "opportunity_at"),
    *("outcome", "outcome_at", "value"),
)
OWN = "t.lead_id = leads.lead_id AND t.episode = leads.episode"
KNOWN = {
    "mql_at": "SELECT min(decided_at) FROM decisions t WHERE label IN ('MQL', 'SQL') AND",
    "sql_at": "SELECT min(decided_at) FROM decisions t WHERE label = 'SQL' AND",
    "attempts": "SELECT count(*) FROM contacts t WHERE",
    "first_contact_at": "SELECT min(at) FROM contacts t WHERE",
    "last_contact_at": "SELECT max(at) FROM contacts t WHERE",
    "reached_at": "SELECT min(at) FROM contacts t WHERE reached AND",
    "accepted_at": "SELECT max(at) FROM feedback t WHERE accepted AND",
    "rejected_at": "SELECT max(at) FROM feedback t WHERE NOT accepted AND",
    "opportunity_at": "SELECT at FROM outcomes t WHERE stage = 'opened' AND",
    "outcome": "SELECT t.outcome FROM outcomes t WHERE stage = 'closed' AND",
    "outcome_at": "SELECT at FROM outcomes t WHERE stage = 'closed' AND",
    "value": "SELECT t.value FROM outcomes t WHERE stage = 'closed' AND",
}


def upgrade() -> None:
    """Add the columns, fill them, and index what is counted."""
    for name, kind in NEW.items():
        op.add_column("leads", sa.Column(name, kind))
    for name, query in KNOWN.items():
        op.execute(f"UPDATE leads SET {name} = ({query} {OWN})")
    op.create_index("leads_counted", "leads", COUNTED)
    waiting = sa.text("handed_over_at IS NOT NULL")
    op.create_index(
        "leads_waiting",
        "leads",
        ["handed_over_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("leads_waiting", "leads")
    op.drop_index("leads_counted", "leads")
    for name in NEW:
        op.drop_column("leads", name)
