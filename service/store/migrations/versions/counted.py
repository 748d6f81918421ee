"""Indexes by which statistics count: a day's leads in one run, and few for what came after."""

import sqlalchemy as sa
from alembic import op

revision = "12"
down_revision: str | None = "11"

DAY = 86_400_000_000
REACHED = (
    *("created_at", "channel", "mql_at", "sql_at", "last_known_at", "attempts"),
    *("first_contact_at", "reached_at", "accepted_at", "rejected_at", "opportunity_at"),
    *("outcome", "outcome_at"),
)
PROGRESSED = sa.text(
    "(mql_at IS NOT NULL OR accepted_at IS NOT NULL OR rejected_at IS NOT NULL"
    " OR opportunity_at IS NOT NULL)"
)
WON = sa.text("outcome = 'won'")


def upgrade() -> None:
    """Make them in the place of one that held everything."""
    op.drop_index("leads_counted", "leads")
    day = sa.text(f"(created_at / {DAY})")
    op.create_index("leads_by_day", "leads", [day, "channel", "outcome", "created_at"])
    op.create_index(
        "leads_progressed", "leads", REACHED, sqlite_where=PROGRESSED, postgresql_where=PROGRESSED
    )
    won = ["created_at", "channel", "value", "outcome_at", "outcome"]
    op.create_index("leads_won", "leads", won, sqlite_where=WON, postgresql_where=WON)


def downgrade() -> None:
    """Make the one again."""
    for name in ("leads_won", "leads_progressed", "leads_by_day"):
        op.drop_index(name, "leads")
    op.create_index("leads_counted", "leads", (*REACHED, "value"))
