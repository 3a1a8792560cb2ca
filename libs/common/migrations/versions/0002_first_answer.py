"""The answer to a repeat by one statement.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


_FIRST_ANSWER = """CREATE FUNCTION first_answer(asked bytea, number bigint)
RETURNS TABLE (held boolean, fingerprint bytea, status smallint, headers text[], body bytea)
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(number) THEN
        held := false;
        RETURN NEXT;
    ELSE
        RETURN QUERY SELECT true, s.fingerprint, s.status, s.headers, s.body
            FROM stored_answer s WHERE s.key = asked;
    END IF;
END $$"""


def upgrade() -> None:
    op.execute(_FIRST_ANSWER)


def downgrade() -> None:
    op.execute("DROP FUNCTION first_answer(bytea, bigint)")
