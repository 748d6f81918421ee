"""Which leads came with the sample."""

import sqlalchemy as sa
from alembic import op

revision = "13"
down_revision: str | None = "12"


def upgrade() -> None:
    """Make the table."""
    op.create_table("sample_leads", sa.Column("lead_id", sa.Text, primary_key=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_table("sample_leads")
