"""Repair orders and major matters

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "major",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("reported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("concluded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'concluded')", name=op.f("ck_major_state")),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_major_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_major")),
    )
    op.create_index(
        "ix_major_area12",
        "major",
        [
            sa.literal_column("left(area, 12)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_major_area6",
        "major",
        [
            sa.literal_column("left(area, 6)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_major_area9",
        "major",
        [
            sa.literal_column("left(area, 9)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index("ix_major_case", "major", ["case_id", "reported_at"], unique=False)
    op.create_index(
        "ix_major_estate",
        "major",
        ["estate_id", sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_major_time",
        "major",
        [sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "major_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("major_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("overdue_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["major_id"], ["major.id"], name=op.f("fk_major_notice_major_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_major_notice_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_major_notice")),
        sa.UniqueConstraint(
            "major_id", "serial", "node_id", name=op.f("uq_major_notice_major_id_serial_node_id")
        ),
    )
    op.create_index(
        "ix_major_notice_due",
        "major_notice",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("received_at IS NULL AND overdue_at IS NULL"),
    )
    op.create_index(
        "ix_major_notice_waiting",
        "major_notice",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("received_at IS NULL"),
    )
    op.create_table(
        "major_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("major_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("dead", sa.Integer(), nullable=True),
        sa.Column("injured", sa.Integer(), nullable=True),
        sa.Column("missing", sa.Integer(), nullable=True),
        sa.Column("persons", sa.Text(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unreached", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("kind IN ('first', 'follow_up', 'final')", name=op.f("ck_major_report_kind")),
        sa.ForeignKeyConstraint(["major_id"], ["major.id"], name=op.f("fk_major_report_major_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_major_report")),
        sa.UniqueConstraint("major_id", "serial", name=op.f("uq_major_report_major_id_serial")),
    )
    op.add_column("dispatch", sa.Column("repair", sa.Text(), nullable=True))
    op.add_column("dispatch", sa.Column("arrive_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("dispatch", sa.Column("arrived_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("dispatch", sa.Column("arrived_on_time", sa.Boolean(), nullable=True))
    op.add_column("dispatch", sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_index(
        "ix_dispatch_repair",
        "dispatch",
        ["arrive_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("repair IS NOT NULL AND ended_at IS NULL"),
    )
