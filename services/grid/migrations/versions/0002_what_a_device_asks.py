"""Indexes for what an inspector's device asks: what is mine, what is near.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_grid_case_mine": (["reported_by", "id"], "ended_at IS NULL"),
    "ix_grid_case_checker": (["checker", "id"], "checker IS NOT NULL"),
    "ix_grid_case_offered": (
        ["area", "id"],
        "state = 'dispatched' AND squad IS NOT NULL AND handler IS NULL",
    ),
    "ix_grid_case_near": (["category", "lat", "lon"], "ended_at IS NULL"),
}


def upgrade() -> None:
    for name, (columns, where) in _INDEXES.items():
        op.create_index(name, "grid_case", columns, unique=False, postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="grid_case")
