"""Agreements say why they were drafted."""

import sqlalchemy as sa
from alembic import op

revision = "14"
down_revision: str | None = "13"


def upgrade() -> None:
    """Add the column."""
    op.add_column("agreements", sa.Column("why", sa.Text))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("agreements", "why")
