"""Appeals against overdue marks, ratings by reporters, and what a merged case went into

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT = postgresql.TIMESTAMP(timezone=True)


def _waiting(table: str, name: str, at: str, where: str) -> None:
    for digits in (6, 9, 12):
        prefix: sa.ColumnElement[str] = sa.literal_column(f"left(area, {digits})")
        op.create_index(
            f"{name}{digits}", table, [prefix, at, "id"], unique=False, postgresql_where=sa.text(where)
        )


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("overdue_at", AT, nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("squad", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_appeal_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    op.create_index("uq_appeal_mark", "appeal", ["case_id", "round", "overdue_at"], unique=True)
    _waiting("appeal", "ix_appeal_asked", "asked_at", "state = 'asked'")
    op.create_table(
        "rating",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("rated_by", sa.Text(), nullable=False),
        sa.Column("rated_at", AT, nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["grid_case.id"], name=op.f("fk_rating_case_id")),
        sa.ForeignKeyConstraint(["told_by"], ["grid_case.id"], name=op.f("fk_rating_told_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
    )
    op.create_index("uq_rating_once", "rating", ["case_id", "round", "told_by"], unique=True)
    _waiting(
        "rating", "ix_rating_dissatisfied", "rated_at", "satisfaction = 'dissatisfied' AND decision IS NULL"
    )
    op.add_column("grid_case", sa.Column("excused_mark", AT, nullable=True))
    # What a round was counted as is kept by the name of the round.
    op.execute(
        "UPDATE tally_standing SET stands = stands - 'fell_due'"
        " || jsonb_build_object(round || '.fell_due', stands -> 'fell_due') WHERE stands -> 'fell_due' IS NOT NULL"
    )
