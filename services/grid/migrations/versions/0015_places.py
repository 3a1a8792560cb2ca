"""Estates' states, walls and buildings; known names; editions of unit grids; responsibility grids

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The estates of before were all generated: names of Chinese characters with a label behind them.
_WORDS = """
UPDATE estate SET words = made.words FROM (
    SELECT e.id, array_to_tsvector(array_agg(DISTINCT part)) AS words
    FROM estate e, generate_series(1, length(e.name)) AS at, generate_series(1, 2) AS long,
        LATERAL (SELECT lower(substr(e.name, at, long)) AS part) AS p
    WHERE length(part) = long AND part ~ '^[^[:space:][:punct:]]+$' GROUP BY e.id
) AS made WHERE made.id = estate.id
"""


def upgrade() -> None:
    _unit_grids()
    _estates()
    _responsibility_grids()


def _unit_grids() -> None:
    op.add_column(
        "unit_grid", sa.Column("edition", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.drop_constraint(op.f("pk_unit_grid"), "unit_grid", type_="primary")
    op.create_primary_key(op.f("pk_unit_grid"), "unit_grid", ["code", "edition"])
    op.create_table(
        "unit_grid_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("townships", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_grid_edition")),
        sa.UniqueConstraint("number", name=op.f("uq_unit_grid_edition_number")),
    )
    op.add_column("geography", sa.Column("walls", sa.Uuid(), nullable=True))
    least = sa.Column("address_least", sa.Integer(), server_default=sa.text("70"), nullable=False)
    op.add_column("geography", least)


def _estates() -> None:
    words = sa.Column("words", postgresql.TSVECTOR(), server_default=sa.text("''"), nullable=False)
    aliases: sa.Column[list[str]] = sa.Column(
        "aliases", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
    )
    wall: sa.Column[list[int]] = sa.Column("wall", postgresql.ARRAY(sa.Integer()), nullable=True)
    op.add_column("estate", words)
    op.add_column("estate", aliases)
    op.add_column("estate", wall)
    op.add_column("estate", sa.Column("wall_given", postgresql.JSONB(), nullable=True))
    op.execute(_WORDS)
    op.create_index("ix_estate_words", "estate", ["words"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_estate_walled", "estate", ["id"], unique=False, postgresql_where=sa.text("wall IS NOT NULL")
    )
    op.create_table(
        "estate_management",
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("firm_name", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("fallback_unit_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_estate_management_estate_id")),
        sa.PrimaryKeyConstraint("estate_id", "since", name=op.f("pk_estate_management")),
    )
    _buildings()


def _buildings() -> None:
    op.create_table(
        "building",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("floors", sa.SmallInteger(), nullable=True),
        sa.Column("has_lift", sa.Boolean(), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("given_point", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_building_estate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
    )
    op.create_index(
        "uq_building_number",
        "building",
        ["estate_id", "number"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index("ix_building_estate", "building", ["estate_id", "id"], unique=False)
    op.create_table(
        "place_name",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", "target_id", name=op.f("pk_place_name")),
    )
    op.create_index("ix_place_name_target", "place_name", ["target_id"], unique=False)
    op.create_index("ix_place_name_building", "place_name", ["estate_id", "number"], unique=False)


def _responsibility_grids() -> None:
    op.create_table(
        "responsibility_grid",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_grid")),
        sa.UniqueConstraint("code", name=op.f("uq_responsibility_grid_code")),
    )
    op.create_index("ix_responsibility_grid_area", "responsibility_grid", ["area", "id"], unique=False)
    op.create_table(
        "responsibility_cover",
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("unit_grid", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grid_id"], ["responsibility_grid.id"], name=op.f("fk_responsibility_cover_grid_id")
        ),
        sa.PrimaryKeyConstraint("grid_id", "unit_grid", "valid_from", name=op.f("pk_responsibility_cover")),
    )
    op.create_index("ix_responsibility_cover_unit_grid", "responsibility_cover", ["unit_grid"], unique=False)
    op.add_column("roster_turn", sa.Column("responsibility_grid_id", sa.Uuid(), nullable=True))
