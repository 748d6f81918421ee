"""What each channel cost in each month."""

import sqlalchemy as sa
from alembic import op

revision = "18"
down_revision: str | None = "17"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "costs",
        sa.Column("month", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("amount", sa.Double, nullable=False),
        sa.Column("is_sample", sa.Boolean, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("costs")
