"""Counts of erased leads, and whose answer an answer by `Idempotency-Key` is."""

import sqlalchemy as sa
from alembic import op

revision = "9"
down_revision: str | None = "8"

STAGES = ("leads", "mql", "sql", "accepted", "rejected", "opportunities", "won", "lost")


def upgrade() -> None:
    """Make the table, add the column; answers that tell no lead go."""
    op.create_table(
        "erased",
        sa.Column("day", sa.BigInteger, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in STAGES),
    )
    op.execute("DELETE FROM requests")
    op.add_column("requests", sa.Column("lead_id", sa.Text))
    op.create_index("requests_of_lead", "requests", ["lead_id"])
    op.create_index("requests_by_time", "requests", ["at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("requests_by_time", "requests")
    op.drop_index("requests_of_lead", "requests")
    op.drop_column("requests", "lead_id")
    op.drop_table("erased")
