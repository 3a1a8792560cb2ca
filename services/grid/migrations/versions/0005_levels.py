"""Levels and escalations

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("from_level", sa.Text(), nullable=False),
        sa.Column("to_level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("at", AT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_escalation_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    for digits in (6, 9, 12):
        op.create_index(
            f"ix_escalation_area{digits}",
            "escalation",
            [
                sa.literal_column(f"left(area, {digits})"),
                "to_level",
                sa.literal_column("at DESC"),
                sa.literal_column("id DESC"),
            ],
            unique=False,
        )
    op.create_index("ix_escalation_case", "escalation", ["case_id", "at"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("attendees", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("held_at", AT, nullable=False),
        sa.Column("recorded_at", AT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_meeting_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("ix_meeting_case", "meeting", ["case_id", "recorded_at"], unique=False)
    op.create_table(
        "node",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
        sa.UniqueConstraint("code", name=op.f("uq_node_code")),
    )
    op.create_table(
        "node_cover",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_node_cover_node_id")),
        sa.PrimaryKeyConstraint("node_id", "area", "valid_from", name=op.f("pk_node_cover")),
    )
    op.create_index("ix_node_cover_area", "node_cover", ["area"], unique=False)
    op.add_column("grid_case", sa.Column("capable_level", sa.Text(), nullable=True))
    op.add_column("grid_case", sa.Column("escalate_at", AT, nullable=True))
    op.add_column("grid_case", sa.Column("escalated_at", AT, nullable=True))
    op.create_index(
        "ix_grid_case_escalate",
        "grid_case",
        ["escalate_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "escalate_at IS NOT NULL AND state IN ('filed', 'dispatched', 'handling', 'returned')"
        ),
    )
