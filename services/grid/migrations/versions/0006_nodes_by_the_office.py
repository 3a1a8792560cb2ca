"""Nodes that the office changes, with dates, and to which node a case went

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("node", sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("node", sa.Column("area", sa.Text(), nullable=True))
    op.execute("UPDATE node SET area = split_part(substr(code, 2), '-', 1)")
    op.alter_column("node", "area", nullable=False)
    op.add_column("node", sa.Column("telephone", sa.Text(), nullable=True))
    op.add_column("node", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("node", sa.Column("valid_to", sa.Date(), nullable=True))
    op.add_column("escalation", sa.Column("to_node", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_escalation_to_node"), "escalation", "node", ["to_node"], ["id"])
    op.create_index(
        "ix_escalation_node",
        "escalation",
        ["to_node", sa.literal_column("at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
