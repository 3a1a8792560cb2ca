"""Repair orders

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("repair", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("arrive_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("task", sa.Column("arrived_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("task", sa.Column("arrival_overdue_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("task", sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_index(
        "ix_task_arrival",
        "task",
        ["arrive_due_at"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('assigned', 'signed', 'working', 'awaiting_sign_off') AND arrive_due_at IS NOT NULL "
            "AND arrived_at IS NULL AND arrival_overdue_at IS NULL AND suspended_at IS NULL"
        ),
    )
