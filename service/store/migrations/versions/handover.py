"""When a lead was handed over to sales, while they have not answered."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision: str | None = "1"


def upgrade() -> None:
    """Add the column."""
    op.add_column("leads", sa.Column("handed_over_at", sa.BigInteger))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("leads", "handed_over_at")
