"""The work list in its order without reading whole leads."""

import sqlalchemy as sa
from alembic import op

revision = "17"
down_revision: str | None = "16"
COLUMNS = (
    *("lead_id", "episode", "handed_over_at", "offered", "accepted_at", "rejected_at", "outcome"),
    *("label", "owner", "channel", "probability", "contact_by", "last_contact_at", "created_at"),
)


def upgrade() -> None:
    """Make the index."""
    open_ones = sa.text(
        "(handed_over_at IS NOT NULL OR offered = 'exploration' OR offered = 'holdout')"
        " AND outcome IS NULL"
    )
    op.create_index(
        "leads_to_work", "leads", [*COLUMNS], sqlite_where=open_ones, postgresql_where=open_ones
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("leads_to_work", "leads")
