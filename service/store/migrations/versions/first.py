"""The first tables: leads, their attributes and activities, decisions."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision: str | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("channel", "source", "account_id", "contact_id")),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("decided_as_of", sa.BigInteger),
        sa.Column("decision_id", sa.Text),
        sa.Column("probability", sa.Double),
        sa.Column("score", sa.Integer),
        sa.Column("label", sa.Text),
    )
    op.create_table(
        "attribute_values",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("known_at", sa.BigInteger, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "activities",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("occurred_at", sa.BigInteger, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("model_version", sa.Text),
        sa.Column("agreement_version", sa.Text, nullable=False),
        sa.Column("probability", sa.Double),
        sa.Column("score", sa.Integer),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("decisions_of_lead", "decisions", ["lead_id", "decided_at"])


def downgrade() -> None:
    """Drop the tables."""
    for name in ("decisions", "activities", "attribute_values", "leads"):
        op.drop_table(name)
