"""Tallies by month

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_FILL = """
INSERT INTO tally_month (area, month, what, category, channel, unit, level, n)
SELECT area, date_trunc('month', half, 'Asia/Shanghai') AS month, what, category, channel, unit, level, sum(n)
FROM tally WHERE what IN ('open', 'overdue') GROUP BY area, month, what, category, channel, unit, level
"""


def upgrade() -> None:
    op.create_table(
        "tally_month",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("month", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "area", "month", "what", "category", "channel", "unit", "level", name=op.f("pk_tally_month")
        ),
    )
    for digits in (12, 6, 9):
        op.create_index(
            f"ix_tally_month_area{digits}",
            "tally_month",
            [sa.literal_column(f"left(area, {digits})"), "month"],
            unique=False,
        )
    op.execute(_FILL)
