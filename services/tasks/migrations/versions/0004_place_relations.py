"""The place relation of a duty, police support

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("duty", sa.Column("relation", sa.Text(), nullable=True))
    op.add_column(
        "duty", sa.Column("police_support", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
