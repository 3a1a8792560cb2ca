"""What estates' own people say, studios, and what is taken away

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collection_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("by_time", sa.Time(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_point")),
    )
    op.create_index(
        "ix_collection_point_area12",
        "collection_point",
        [sa.literal_column("left(area, 12)"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_collection_point_area6",
        "collection_point",
        [sa.literal_column("left(area, 6)"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_collection_point_area9",
        "collection_point",
        [sa.literal_column("left(area, 9)"), "id"],
        unique=False,
    )
    op.create_index("ix_collection_point_estate", "collection_point", ["estate_id", "id"], unique=False)
    op.create_index(
        "ix_collection_point_make",
        "collection_point",
        ["made_until", "id"],
        unique=False,
        postgresql_where=sa.text("made_until IS NOT NULL"),
    )
    op.create_table(
        "studio",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio")),
    )
    op.create_index(
        "ix_studio_area12", "studio", [sa.literal_column("left(area, 12)"), "area", "id"], unique=False
    )
    op.create_index(
        "ix_studio_area6", "studio", [sa.literal_column("left(area, 6)"), "area", "id"], unique=False
    )
    op.create_index(
        "ix_studio_area9", "studio", [sa.literal_column("left(area, 9)"), "area", "id"], unique=False
    )
    op.create_table(
        "studio_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("studio_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("begins_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("in_hours", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("case_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("logged_by", sa.Text(), nullable=False),
        sa.Column("logged_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["studio_id"], ["studio.id"], name=op.f("fk_studio_visit_studio_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio_visit")),
    )
    op.create_index(
        "ix_studio_visit_time",
        "studio_visit",
        ["studio_id", sa.literal_column("begins_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "dissuasion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("dissuaded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("on_time", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_dissuasion_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dissuasion")),
        sa.UniqueConstraint("case_id", name=op.f("uq_dissuasion_case_id")),
    )
    op.create_index(
        "ix_dissuasion_area12",
        "dissuasion",
        [
            sa.literal_column("left(area, 12)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_dissuasion_area6",
        "dissuasion",
        [
            sa.literal_column("left(area, 6)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_dissuasion_area9",
        "dissuasion",
        [
            sa.literal_column("left(area, 9)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_dissuasion_estate",
        "dissuasion",
        ["estate_id", sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (state = 'asked')", name=op.f("ck_objection_decided")),
        sa.CheckConstraint("state IN ('asked', 'upheld', 'refused')", name=op.f("ck_objection_state")),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_objection_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(
        "ix_objection_asked12",
        "objection",
        [sa.literal_column("left(area, 12)"), "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_index(
        "ix_objection_asked6",
        "objection",
        [sa.literal_column("left(area, 6)"), "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_index(
        "ix_objection_asked9",
        "objection",
        [sa.literal_column("left(area, 9)"), "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_index("uq_objection_ground", "objection", ["case_id", "round", "ground", "role"], unique=True)
    op.create_table(
        "removal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("on_demand", sa.Boolean(), nullable=False),
        sa.Column("since", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("overdue_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("case_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=True),
        sa.Column("photos", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("(removed_at IS NULL) = (state <> 'removed')", name=op.f("ck_removal_removed")),
        sa.CheckConstraint("state IN ('due', 'removed', 'cancelled')", name=op.f("ck_removal_state")),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_removal_case_id")),
        sa.ForeignKeyConstraint(["point_id"], ["collection_point.id"], name=op.f("fk_removal_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal")),
    )
    op.create_index(
        "ix_removal_area12", "removal", [sa.literal_column("left(area, 12)"), "due_at", "id"], unique=False
    )
    op.create_index(
        "ix_removal_area6", "removal", [sa.literal_column("left(area, 6)"), "due_at", "id"], unique=False
    )
    op.create_index(
        "ix_removal_area9", "removal", [sa.literal_column("left(area, 9)"), "due_at", "id"], unique=False
    )
    op.create_index(
        "ix_removal_case",
        "removal",
        ["case_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'due' AND case_due_at IS NOT NULL"),
    )
    op.create_index("ix_removal_estate", "removal", ["estate_id", "due_at", "id"], unique=False)
    op.create_index(
        "ix_removal_overdue",
        "removal",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'due' AND overdue_at IS NULL"),
    )
    op.create_index(
        "uq_removal_agreed",
        "removal",
        ["point_id", "due_at"],
        unique=True,
        postgresql_where=sa.text("NOT on_demand"),
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("photos", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("taken_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_statement_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    op.create_index("ix_statement_case", "statement", ["case_id", "said_at", "id"], unique=False)
