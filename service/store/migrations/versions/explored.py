"""Leads that were drawn to be offered to sales, found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "10"
down_revision: str | None = "9"


def upgrade() -> None:
    """Make the index."""
    drawn = sa.text("offered = 'exploration'")
    op.create_index(
        "leads_explored", "leads", ["lead_id"], sqlite_where=drawn, postgresql_where=drawn
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("leads_explored", "leads")
