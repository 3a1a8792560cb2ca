"""The catalogue as a whole

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_GROUPS = """
INSERT INTO category_group (code, attribute, name_zh, name_en, valid_from)
SELECT DISTINCT ON (group_code) group_code, 'estate', group_zh, group_en, valid_from
FROM category ORDER BY group_code, valid_from
"""


def upgrade() -> None:
    op.add_column(
        "category", sa.Column("attribute", sa.Text(), server_default=sa.text("'estate'"), nullable=False)
    )
    op.add_column("category", sa.Column("predecessor", sa.Text(), nullable=True))
    op.create_table(
        "category_group",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("predecessor", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category_group")),
    )
    op.create_table(
        "category_item",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("predecessor", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_category_item_category")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category_item")),
    )
    op.create_index("ix_category_item_category", "category_item", ["category", "code"], unique=False)
    op.create_table(
        "catalogue_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_edition")),
        sa.UniqueConstraint("number", name=op.f("uq_catalogue_edition_number")),
    )
    op.add_column("standard", sa.Column("legal_item", sa.Text(), nullable=True))
    op.add_column("standard", sa.Column("severity", sa.Text(), nullable=True))
    op.add_column(
        "standard",
        sa.Column("loops", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute(_GROUPS)
    op.create_index(
        "ix_grid_case_group",
        "grid_case",
        [
            sa.literal_column("left(category, 2)"),
            sa.literal_column("reported_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.add_column("grid_case", sa.Column("item", sa.Text(), nullable=True))
    op.create_index(
        "ix_grid_case_item",
        "grid_case",
        ["item", sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("item IS NOT NULL"),
    )
