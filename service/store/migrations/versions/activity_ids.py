"""Which activity of the CRM an activity is, and who acted."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision: str | None = "2"


def upgrade() -> None:
    """Add the columns; an id stands for one activity of a lead."""
    op.add_column("activities", sa.Column("activity_id", sa.Text))
    op.add_column("activities", sa.Column("actor", sa.Text))
    op.create_index(
        "activity_ids", "activities", ["lead_id", "episode", "activity_id"], unique=True
    )


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index("activity_ids", "activities")
    op.drop_column("activities", "actor")
    op.drop_column("activities", "activity_id")
