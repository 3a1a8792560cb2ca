"""Rota, shifts and patrols

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_turn",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("substitute", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cancelled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ends_at > starts_at AND ends_at <= starts_at + interval '168 hours'",
            name=op.f("ck_roster_turn_span"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_turn")),
    )
    op.create_index(
        "ix_roster_turn_area12",
        "roster_turn",
        [sa.literal_column("left(area, 12)"), "starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "ix_roster_turn_area6",
        "roster_turn",
        [sa.literal_column("left(area, 6)"), "starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "ix_roster_turn_area9",
        "roster_turn",
        [sa.literal_column("left(area, 9)"), "starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "ix_roster_turn_now",
        "roster_turn",
        ["area", "starts_at"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "ix_roster_turn_person",
        "roster_turn",
        ["person", "starts_at"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("signed_in_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("crs", sa.Text(), nullable=True),
        sa.Column("signed_out_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signed_out_by", sa.Text(), nullable=True),
        sa.Column("next_person", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("handed", sa.Integer(), nullable=False),
        sa.Column("unattended", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(
        "ix_shift_area12",
        "shift",
        [
            sa.literal_column("left(area, 12)"),
            sa.literal_column("signed_in_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_shift_area6",
        "shift",
        [
            sa.literal_column("left(area, 6)"),
            sa.literal_column("signed_in_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_shift_area9",
        "shift",
        [
            sa.literal_column("left(area, 9)"),
            sa.literal_column("signed_in_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_shift_person", "shift", ["person", sa.literal_column("signed_in_at DESC")], unique=False
    )
    op.create_index(
        "ix_shift_there", "shift", ["area"], unique=False, postgresql_where=sa.text("signed_out_at IS NULL")
    )
    op.create_index(
        "uq_shift_open", "shift", ["person"], unique=True, postgresql_where=sa.text("signed_out_at IS NULL")
    )
    op.create_table(
        "patrol_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=True),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("inspector", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("make_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_patrol_plan_estate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_plan")),
    )
    op.create_index(
        "ix_patrol_plan_area12", "patrol_plan", [sa.literal_column("left(area, 12)"), "id"], unique=False
    )
    op.create_index(
        "ix_patrol_plan_area6", "patrol_plan", [sa.literal_column("left(area, 6)"), "id"], unique=False
    )
    op.create_index(
        "ix_patrol_plan_area9", "patrol_plan", [sa.literal_column("left(area, 9)"), "id"], unique=False
    )
    op.create_index(
        "ix_patrol_plan_make",
        "patrol_plan",
        ["make_on", "id"],
        unique=False,
        postgresql_where=sa.text("make_on IS NOT NULL"),
    )
    op.create_table(
        "patrol_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["patrol_plan.id"], name=op.f("fk_patrol_point_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_point")),
    )
    op.create_index("ix_patrol_point_plan", "patrol_point", ["plan_id", "id"], unique=False)
    op.create_table(
        "patrol_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("inspector", sa.Text(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("far", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(result IS NULL) = (state <> 'done')", name=op.f("ck_patrol_item_result")),
        sa.CheckConstraint("state IN ('due', 'done', 'missed')", name=op.f("ck_patrol_item_state")),
        sa.ForeignKeyConstraint(["plan_id"], ["patrol_plan.id"], name=op.f("fk_patrol_item_plan_id")),
        sa.ForeignKeyConstraint(["point_id"], ["patrol_point.id"], name=op.f("fk_patrol_item_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_item")),
    )
    op.create_index(
        "ix_patrol_item_area12",
        "patrol_item",
        [sa.literal_column("left(area, 12)"), "period_end", "id"],
        unique=False,
    )
    op.create_index(
        "ix_patrol_item_area6",
        "patrol_item",
        [sa.literal_column("left(area, 6)"), "period_end", "id"],
        unique=False,
    )
    op.create_index(
        "ix_patrol_item_area9",
        "patrol_item",
        [sa.literal_column("left(area, 9)"), "period_end", "id"],
        unique=False,
    )
    op.create_index(
        "ix_patrol_item_due",
        "patrol_item",
        ["period_end", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_patrol_item_plan", "patrol_item", ["plan_id", "period_start"], unique=False)
    op.create_index("uq_patrol_item_period", "patrol_item", ["point_id", "period_start"], unique=True)
    op.create_table(
        "shift_handed",
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("to_person", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_shift_handed_case_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_shift_handed_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "case_id", name=op.f("pk_shift_handed")),
    )
    op.add_column("grid_case", sa.Column("unattended_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_index(
        "ix_grid_case_claimed",
        "grid_case",
        ["claimed_by"],
        unique=False,
        postgresql_where=sa.text("claimed_by IS NOT NULL"),
    )
