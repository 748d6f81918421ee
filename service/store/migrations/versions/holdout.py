"""Leads that are held out of the agreement, found quickly and counted beside the others."""

import sqlalchemy as sa
from alembic import op

revision = "15"
down_revision: str | None = "14"


def upgrade() -> None:
    """Add the column and its indexes."""
    op.add_column("leads", sa.Column("arm", sa.Text))
    drawn = sa.text("offered = 'holdout'")
    op.create_index(
        "leads_held_out", "leads", ["lead_id"], sqlite_where=drawn, postgresql_where=drawn
    )
    told = sa.text("arm IS NOT NULL")
    columns = ["created_at", "arm", "label", "outcome", "outcome_at", "value"]
    op.create_index("leads_by_arm", "leads", columns, sqlite_where=told, postgresql_where=told)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("leads_by_arm", "leads")
    op.drop_index("leads_held_out", "leads")
    op.drop_column("leads", "arm")
