"""Which work a process has taken, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "6"
down_revision: str | None = "5"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("leases")
