"""What of the decisions the CRM systems have been told."""

import sqlalchemy as sa
from alembic import op

revision = "11"
down_revision: str | None = "10"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "crm_outbox",
        sa.Column("crm", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("decision_id", sa.Text, nullable=False),
        sa.Column("pushed_id", sa.Text),
        sa.Column("pushed_at", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("last_error", sa.Text),
    )
    op.create_index("crm_outbox_newest", "crm_outbox", ["crm", "decision_id"])
    op.create_index("crm_outbox_due", "crm_outbox", ["crm", "next_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("crm_outbox")
