"""Keys of callers: never the key itself, its SHA-256."""

import sqlalchemy as sa
from alembic import op

revision = "7"
down_revision: str | None = "6"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "keys",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("role", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("keys")
