"""Joint handling, the place relation of a duty

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("dispatch", sa.Column("joint_id", sa.Uuid(), nullable=True))
    op.add_column("dispatch", sa.Column("lead", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("dispatch", sa.Column("returned_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("dispatch", sa.Column("relation", sa.Text(), nullable=True))
    op.drop_index("uq_dispatch_open", table_name="dispatch")
    op.create_index(
        "uq_dispatch_open",
        "dispatch",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND lead"),
    )
    op.create_index(
        "uq_dispatch_unit", "dispatch", ["case_id", "unit_id"], unique=True, postgresql_where=_OPEN
    )
    op.add_column("deferral", sa.Column("handover_id", sa.Uuid(), nullable=True))
    op.add_column(
        "grid_case", sa.Column("joint_returned_at", postgresql.TIMESTAMP(timezone=True), nullable=True)
    )
    op.add_column("known_duty", sa.Column("relation", sa.Text(), nullable=True))
    op.add_column(
        "known_duty",
        sa.Column("police_support", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
