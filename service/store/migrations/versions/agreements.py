"""Agreements: drafts, signed ones, and those that decide or did."""

import sqlalchemy as sa
from alembic import op

revision = "8"
down_revision: str | None = "7"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "agreements",
        sa.Column("dataset", sa.Text, primary_key=True),
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text),
        sa.Column("activated_at", sa.BigInteger),
        sa.Column("activated_by", sa.Text),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("agreements")
