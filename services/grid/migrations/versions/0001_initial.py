"""The first tables of `grid`.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("outline", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("code", name=op.f("uq_area_code")),
    )
    op.create_index("ix_area_parent", "area", ["parent_code", "code"], unique=False)
    op.create_table(
        "case_counter",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "area", name=op.f("pk_case_counter")),
    )
    op.create_table(
        "category",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("group_zh", sa.Text(), nullable=False),
        sa.Column("group_en", sa.Text(), nullable=False),
        sa.Column("named_in", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("squad", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("code", name=op.f("uq_category_code")),
    )
    op.create_table(
        "estate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estate")),
    )
    op.create_table(
        "geography",
        sa.Column("id", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("tolerance_m", sa.Integer(), nullable=False),
        sa.Column("tolerance_source", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("loaded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geography")),
    )
    op.create_table(
        "known_calendar_year",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("overrides", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_calendar_year")),
        sa.UniqueConstraint("year", name=op.f("uq_known_calendar_year_year")),
    )
    op.create_table(
        "known_duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("lead_unit_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("cooperating_unit_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_duty")),
    )
    op.create_index("ix_known_duty_place", "known_duty", ["category", "area"], unique=False)
    op.create_table(
        "known_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_unit")),
    )
    op.create_table(
        "rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sa.UniqueConstraint("key", name=op.f("uq_rule_key")),
    )
    op.create_table(
        "unit_grid",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("ring", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("centre_lon", sa.Integer(), nullable=False),
        sa.Column("centre_lat", sa.Integer(), nullable=False),
        sa.Column("west", sa.Integer(), nullable=False),
        sa.Column("south", sa.Integer(), nullable=False),
        sa.Column("east", sa.Integer(), nullable=False),
        sa.Column("north", sa.Integer(), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit_grid")),
    )
    op.create_table(
        "estate_coverage",
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_estate_coverage_estate_id")),
        sa.PrimaryKeyConstraint("estate_id", "area_code", "valid_from", name=op.f("pk_estate_coverage")),
    )
    op.create_index("ix_estate_coverage_area_code", "estate_coverage", ["area_code"], unique=False)
    op.create_table(
        "standard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("condition_zh", sa.Text(), nullable=False),
        sa.Column("condition_en", sa.Text(), nullable=False),
        sa.Column("limit_amount", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.Text(), nullable=False),
        sa.Column("closing_zh", sa.Text(), nullable=False),
        sa.Column("closing_en", sa.Text(), nullable=False),
        sa.Column("photos_before", sa.Integer(), nullable=False),
        sa.Column("photos_after", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_standard_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard")),
        sa.UniqueConstraint(
            "category_id", "code", "revision", name=op.f("uq_standard_category_id_code_revision")
        ),
    )
    op.create_index(
        "ix_standard_current",
        "standard",
        ["category_id", "code"],
        unique=False,
        postgresql_where=sa.text("effective_to IS NULL"),
    )
    op.create_table(
        "grid_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source_number", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("found_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("reported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.Column("self_handled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("inside_wall", sa.Boolean(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("given_place", sa.Text(), nullable=True),
        sa.Column("nearest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("standard_id", sa.Uuid(), nullable=True),
        sa.Column("limit_amount", sa.Integer(), nullable=True),
        sa.Column("limit_unit", sa.Text(), nullable=True),
        sa.Column("photos_before", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("photos_after", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("loop", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("handover_id", sa.Uuid(), nullable=True),
        sa.Column("squad", sa.Text(), nullable=True),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.Column("handlers", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("designated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("checker", sa.Text(), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("step_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("queue_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("clock_started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("overdue_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("unsigned_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("suspended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("suspended_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("resumed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("converted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("interim_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "pauses",
            sa.ARRAY(postgresql.TIMESTAMP(timezone=True)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("deferral", sa.Text(), nullable=True),
        sa.Column("extension_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("suspension_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("return_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rework_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("urge_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('reported', 'verifying', 'accepted', 'filed', 'dispatched', 'handling', 'returned', 'suspended', 'converted', 'checking', 'checked'))",
            name=op.f("ck_grid_case_ended"),
        ),
        sa.CheckConstraint(
            "state IN ('reported', 'verifying', 'accepted', 'filed', 'dispatched', 'handling', 'returned', 'suspended', 'converted', 'checking', 'checked', 'closed', 'force_closed', 'rejected', 'withdrawn', 'merged', 'voided')",
            name=op.f("ck_grid_case_state"),
        ),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name=op.f("fk_grid_case_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_case")),
        sa.UniqueConstraint("number", name=op.f("uq_grid_case_number")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_grid_case_receipt_number")),
    )
    op.create_index(
        "ix_grid_case_area12",
        "grid_case",
        [
            sa.literal_column("left(area, 12)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_grid_case_area6",
        "grid_case",
        [
            sa.literal_column("left(area, 6)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_grid_case_area9",
        "grid_case",
        [
            sa.literal_column("left(area, 9)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_grid_case_category",
        "grid_case",
        ["category", sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_grid_case_estate",
        "grid_case",
        ["estate_id", sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_grid_case_found", "grid_case", ["category", "found_at"], unique=False)
    op.create_index(
        "ix_grid_case_handler",
        "grid_case",
        ["handler", sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_grid_case_open",
        "grid_case",
        [
            sa.literal_column("left(area, 6)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_grid_case_queue",
        "grid_case",
        ["queue_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("queue_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_grid_case_reporter",
        "grid_case",
        ["reported_by", sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_grid_case_running",
        "grid_case",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('dispatched', 'handling', 'returned')"),
    )
    op.create_index(
        "ix_grid_case_suspended",
        "grid_case",
        ["suspended_until"],
        unique=False,
        postgresql_where=sa.text("state = 'suspended'"),
    )
    op.create_index(
        "ix_grid_case_time",
        "grid_case",
        [sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_grid_case_words", "grid_case", ["words"], unique=False, postgresql_using="gin")
    op.create_index(
        "uq_grid_case_source",
        "grid_case",
        ["channel", "source_number"],
        unique=True,
        postgresql_where=sa.text("source_number IS NOT NULL"),
    )
    op.create_table(
        "case_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rework", sa.Integer(), nullable=False),
        sa.Column("inspector", sa.Text(), nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("assigned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("good", sa.Boolean(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_case_check_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_check")),
    )
    op.create_index("ix_case_check_case", "case_check", ["case_id", "assigned_at"], unique=False)
    op.create_index(
        "ix_case_check_mine",
        "case_check",
        ["inspector", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "uq_case_check_open",
        "case_check",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "case_photo",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rework", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_case_photo_case_id")),
        sa.PrimaryKeyConstraint("case_id", "hash", "stage", name=op.f("pk_case_photo")),
    )
    op.create_index("ix_case_photo_hash", "case_photo", ["hash"], unique=False)
    op.create_table(
        "case_reporter",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("consent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_case_reporter_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_reporter")),
    )
    op.create_table(
        "deferral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_unit", sa.Boolean(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("due_before", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("due_after", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_deferral_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferral")),
    )
    op.create_index("ix_deferral_case", "deferral", ["case_id", "asked_at"], unique=False)
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("handover_id", sa.Uuid(), nullable=True),
        sa.Column("squad", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("dispatched_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("dispatched_by", sa.Text(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("designated_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("end", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_dispatch_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
        sa.UniqueConstraint("handover_id", name=op.f("uq_dispatch_handover_id")),
    )
    op.create_index("ix_dispatch_case", "dispatch", ["case_id", "dispatched_at"], unique=False)
    op.create_index(
        "ix_dispatch_returned",
        "dispatch",
        ["category", "unit_id", "ended_at"],
        unique=False,
        postgresql_where=sa.text("\"end\" = 'returned'"),
    )
    op.create_index(
        "uq_dispatch_open", "dispatch", ["case_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
