"""Indexes of what the public sees

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = "md5(CAST(id AS text)) DESC"
_REPORTED = "(CAST(timezone('Asia/Shanghai', reported_at) AS date)) DESC"
_ENDED = "(CAST(timezone('Asia/Shanghai', ended_at) AS date)) DESC"


def upgrade() -> None:
    for digits in (9, 12):
        op.create_index(
            f"ix_grid_case_public{digits}",
            "grid_case",
            [sa.literal_column(f'"left"(area, {digits})'), sa.text(_REPORTED), sa.text(_KEY)],
            unique=False,
            postgresql_where=sa.text("number IS NOT NULL"),
        )
    op.create_index(
        "ix_grid_case_enforced",
        "grid_case",
        ["unit_id", sa.text(_ENDED), sa.text(_KEY)],
        unique=False,
        postgresql_where=sa.text("state = 'closed' AND unit_id IS NOT NULL"),
    )
