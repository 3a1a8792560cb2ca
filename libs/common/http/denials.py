"""The deny list 吊销名单: takes a right back before its token ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.http.models import Denial
from libs.common.policy import Actor, Principal

JTI = "jti"
SUB = "sub"
KEPT_FOR = timedelta(hours=1)
"""Longer than any token lives: later the entry has nothing left to deny."""


async def deny(session: AsyncSession, kind: str, value: str, *, actor: Actor, now: datetime) -> None:
    """Deny one token (by its `jti`) or every token of a subject issued until now."""
    row = {"kind": kind, "value": value, "at": now, "by": actor.subject, "expires_at": now + KEPT_FOR}
    statement = insert(Denial).values(**row)
    renew = {name: statement.excluded[name] for name in ("at", "by", "expires_at")}
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Denial.kind, Denial.value], set_=renew)
    )


async def is_denied(session: AsyncSession, principal: Principal, issued: datetime) -> bool:
    """Whether the token, or its subject since it was issued, is on the list."""
    by_token = and_(Denial.kind == JTI, Denial.value == (principal.token_id or ""))
    by_subject = and_(Denial.kind == SUB, Denial.value == principal.subject, Denial.at >= issued)
    return bool(await session.scalar(select(exists().where(or_(by_token, by_subject)))))


async def forget_denials(session: AsyncSession, now: datetime) -> int:
    """Delete what has nothing left to deny. A job's run; answers how many."""
    gone = delete(Denial).where(Denial.expires_at < now).returning(Denial.value)
    return len((await session.execute(gone)).all())
