"""What a challenger makes of the same leads."""

import sqlalchemy as sa
from alembic import op

revision = "16"
down_revision: str | None = "15"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shadows",
        sa.Column("decision_id", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("as_of", "decided_at")),
        *(
            sa.Column(f"{model}_{name}", kind, nullable=False)
            for model in ("champion", "challenger")
            for name, kind in (
                ("version", sa.Text),
                ("probability", sa.Double),
                ("score", sa.Integer),
                ("label", sa.Text),
            )
        ),
        sa.Column("champion_us", sa.Integer),
        sa.Column("challenger_us", sa.Integer),
    )
    op.create_index("shadows_of_lead", "shadows", ["lead_id"])
    op.create_index("shadows_by_time", "shadows", ["challenger_version", "decided_at"])
    op.create_table(
        "shadows_dropped",
        sa.Column("challenger_version", sa.Text, primary_key=True),
        sa.Column("hour", sa.BigInteger, primary_key=True),
        sa.Column("decisions", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("shadows_dropped")
    op.drop_table("shadows")
