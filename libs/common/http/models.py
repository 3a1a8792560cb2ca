"""Tables of the HTTP edge, the same in each service's database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Index, SmallInteger, Text, event, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.events.models import ToolboxBase


class StoredAnswer(ToolboxBase):
    """The answer to a `POST`, kept with its effect so that a repeat gets the same (幂等应答).

    `key` is SHA-256 over caller, method, route and Idempotency-Key; `fingerprint` over path, query and body.
    """

    __tablename__ = "stored_answer"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int] = mapped_column(SmallInteger())
    headers: Mapped[list[list[str]]] = mapped_column(ARRAY(Text(), dimensions=2))
    body: Mapped[bytes]
    stored_at: Mapped[datetime]

    __table_args__ = (Index("ix_stored_answer_stored_at", "stored_at"),)


# Each of its statements sees what was committed when it began: the look-up sees what the holder of the lock
# has left behind. One statement in the place of two that every command would wait for.
FIRST_ANSWER = """CREATE FUNCTION first_answer(asked bytea, number bigint)
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
"""Tries for the lock of a key and answers what is stored under it; no row, if it is the caller's to take."""


@event.listens_for(StoredAnswer.__table__, "after_create")
def _after_create(target: Any, connection: Connection, **_: Any) -> None:
    connection.execute(text(FIRST_ANSWER))


class ApiKey(ToolboxBase):
    """A system's key (接口密钥): only the digest of its secret is kept."""

    __tablename__ = "api_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    secret_digest: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    areas: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    unit_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Denial(ToolboxBase):
    """Tokens that no longer count (吊销名单): one token (`jti`) or all of a subject issued before `at`."""

    __tablename__ = "denial"

    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    expires_at: Mapped[datetime]

    __table_args__ = (Index("ix_denial_expires_at", "expires_at"),)
