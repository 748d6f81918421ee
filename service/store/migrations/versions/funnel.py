"""What became of leads: verdicts of sales, outcomes, attempts to reach them; and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision: str | None = "3"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "feedback",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("decision_id", sa.Text),
        sa.Column("label", sa.Text),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "outcomes",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, primary_key=True),
        sa.Column("stage", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "contacts",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("episode", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("means", sa.Text, primary_key=True),
        sa.Column("reached", sa.Boolean, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "requests",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("requests", "audit", "contacts", "outcomes", "feedback"):
        op.drop_table(name)
