"""Repeats of a `POST` 幂等: the answer is stored in the effect's own transaction (IETF draft).

`INSERT .. ON CONFLICT` would wait for the first request; an advisory lock that is only tried tells that it
is still in flight.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.http.faults import InFlight, KeyMissing, KeyReused, Malformed
from libs.common.http.models import StoredAnswer

KEPT_FOR = timedelta(days=30)
"""How long an answer is repeated: longer than an offline device keeps its queue."""

BATCH = 1000
HEADER = "Idempotency-Key"
KEPT_HEADERS = ("etag", "location", "content-type")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


# As text: every command runs them, and making a statement of the ORM costs more than running it.
_FIRST = text("SELECT held, fingerprint, status, headers, body FROM first_answer(:key, :lock)")
_FIND_ALL = text("SELECT key, fingerprint, body FROM stored_answer WHERE key = ANY(CAST(:keys AS bytea[]))")
_STORE = text(
    "INSERT INTO stored_answer (key, fingerprint, status, headers, body, stored_at)"
    " VALUES (:key, :fingerprint, :status, CAST(:headers AS text[]), :body, :stored_at)"
)


@dataclass(frozen=True)
class Repeat:
    """One keyed request: where its answer is stored, and what it asked."""

    key: bytes
    fingerprint: bytes

    @property
    def lock(self) -> int:
        """The advisory lock's number: the first 8 bytes, signed."""
        return int.from_bytes(self.key[:8], "big", signed=True)


def repeat_of(request: Request, subject: str, route: str, body: bytes) -> Repeat:
    """The request's identity; `body` is the body's fingerprint. Raises `KeyMissing` or `Malformed`."""
    given = request.headers.get(HEADER)
    if given is None:
        raise KeyMissing
    if not _KEY.fullmatch(given):
        raise Malformed(reason=f"{HEADER} is not 1-255 printable characters", reason_zh=f"{HEADER} 格式错误")
    scope = "\n".join((subject, request.method, route, given))
    asked = "\n".join((request.url.path, request.url.query, body.hex()))
    return Repeat(hashlib.sha256(scope.encode()).digest(), hashlib.sha256(asked.encode()).digest())


def operation_of(subject: str, record_id: UUID, operation_id: UUID, asked: bytes) -> Repeat:
    """One operation of a device's queue, on one record; `asked` is the fingerprint of what it asks."""
    scope = "\n".join((subject, "operation", str(record_id), str(operation_id)))
    return Repeat(hashlib.sha256(scope.encode()).digest(), asked)


async def stored(session: AsyncSession, repeat: Repeat) -> Response | None:
    """The first answer, or None if this is the first. Holds the key until the transaction ends.

    Raises `InFlight`, `KeyReused`.
    """
    found = (await session.execute(_FIRST, {"key": repeat.key, "lock": repeat.lock})).one_or_none()
    if found is None:
        return None
    if not found.held:
        raise InFlight(retry_after=1)
    if found.fingerprint != repeat.fingerprint:
        raise KeyReused
    return Response(found.body, status_code=found.status, headers=dict(found.headers))


@dataclass(frozen=True)
class Answer:
    """A stored answer: to what request, and its body."""

    fingerprint: bytes
    body: bytes


async def stored_among(session: AsyncSession, keys: Collection[bytes]) -> dict[bytes, Answer]:
    """The answers under these keys. The caller holds a lock that keeps others from adding to them."""
    found = await session.execute(_FIND_ALL, {"keys": list(keys)})
    return {row.key: Answer(row.fingerprint, row.body) for row in found}


async def store(session: AsyncSession, repeat: Repeat, response: Response, now: datetime) -> None:
    """Keep the answer beside its effect. Errors never come here: they are not stored."""
    headers = [[name, response.headers[name]] for name in KEPT_HEADERS if name in response.headers]
    told = {"status": response.status_code, "headers": headers, "body": bytes(response.body)}
    await session.execute(_STORE, {**vars(repeat), **told, "stored_at": now})


async def forget_answers(session: AsyncSession, now: datetime) -> int:
    """Delete a batch of answers older than `KEPT_FOR`. A job's run; answers how many."""
    old = select(StoredAnswer.key).where(StoredAnswer.stored_at < now - KEPT_FOR).limit(BATCH)
    done = await session.execute(
        delete(StoredAnswer).where(StoredAnswer.key.in_(old)).returning(StoredAnswer.key)
    )
    return len(done.all())
