"""API keys 接口密钥: how other systems call; hashed, scoped, revocable, a table per service.

A key reads `jy_<id>_<secret>`. The secret has 256 random bits, so one SHA-256 is enough to keep it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.http.faults import Unauthenticated
from libs.common.http.models import ApiKey
from libs.common.ids import new_id
from libs.common.policy import Actor, Principal, Role

_FORM = re.compile(r"jy_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class KeyOrder:
    """What a new key may do: its permissions and the area prefixes that it sees."""

    name: str
    scopes: Sequence[str]
    areas: Sequence[str] = ()
    unit_id: UUID | None = None
    expires_at: datetime | None = None
    id: UUID = field(default_factory=new_id)


async def issue_key(
    session: AsyncSession, order: KeyOrder, *, actor: Actor, now: datetime
) -> tuple[ApiKey, str]:
    """A new key: its row, and its text, which is shown this once."""
    secret = secrets.token_urlsafe(32)
    key = ApiKey(
        id=order.id,
        name=order.name,
        secret_digest=_digest(secret),
        scopes=list(order.scopes),
        areas=list(order.areas),
        unit_id=order.unit_id,
        created_at=now,
        created_by=actor.subject,
        expires_at=order.expires_at,
    )
    session.add(key)
    await session.flush()
    return key, f"jy_{key.id.hex}_{secret}"


async def revoke_key(session: AsyncSession, key_id: UUID, *, now: datetime) -> bool:
    """Revoke it; it stops counting within 60 s everywhere. Answers whether there was such a key."""
    change = (
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(revoked_at=func.coalesce(ApiKey.revoked_at, now))
        .returning(ApiKey.id)
    )
    return (await session.execute(change)).first() is not None


async def principal_of_key(session: AsyncSession, given: str, now: datetime) -> tuple[Principal, datetime]:
    """The system behind a key, and when the key ends (UTC). Raises `Unauthenticated`."""
    found = _FORM.fullmatch(given)
    key = await session.get(ApiKey, UUID(found.group(1))) if found else None
    if key is None or found is None or not compare_digest(key.secret_digest, _digest(found.group(2))):
        raise Unauthenticated
    ends = key.expires_at or _NEVER
    if key.revoked_at is not None or ends <= now:
        raise Unauthenticated
    principal = Principal(
        subject=f"key:{key.id}",
        name=key.name,
        roles=frozenset({Role.SYSTEM}),
        areas=tuple(key.areas),
        unit_id=key.unit_id,
        scopes=frozenset(key.scopes),
    )
    return principal, ends


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
