"""Erasing by law 依法删除: payloads and salts go, digests stay, the chain still verifies.

The deed is told in the same log, so that an audit can name it. Copies outside this log are their keepers'
to erase: a topic by its retention, a consumer's parked messages by its own purge.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.access import ERASED
from libs.common.errors import Conflict
from libs.common.events.deeds import tell
from libs.common.policy import Actor

PER_EVENT = 500
"""Positions that one event names: it must stay below the size of a payload."""


class StillPending(Conflict):
    """An event of the record is not in the log yet: try again in a moment (事件尚未入日志)."""

    code = "events-pending"
    zh = "该记录仍有事件未写入日志，请稍后重试"
    en = "Events of the record are not in the log yet, please try again"


_PENDING = text("SELECT EXISTS (SELECT 1 FROM outbox WHERE aggregate_id = :id)")
_PAYLOADS = text(
    """UPDATE event_log SET payload = NULL, salt = NULL
    WHERE aggregate_id = :id AND payload IS NOT NULL AND position <= :until RETURNING position"""
)
_HISTORY = text(
    """UPDATE history SET note = NULL, changed = '{}', salt = NULL
    WHERE aggregate_id = :id AND salt IS NOT NULL RETURNING version"""
)
_HEAD = text("SELECT position FROM log_head")


async def erase(
    session: AsyncSession, *, service: str, aggregate_id: UUID, basis: str, actor: Actor, now: datetime
) -> int:
    """Erase everything said about the aggregate; answers how many events lost their payload.

    `basis` is a code of the legal basis. Raises `StillPending`.
    """
    if await session.scalar(_PENDING, {"id": aggregate_id}):
        raise StillPending
    until = await session.scalar(_HEAD)
    positions = sorted(await session.scalars(_PAYLOADS, {"id": aggregate_id, "until": until}))
    versions = sorted(await session.scalars(_HISTORY, {"id": aggregate_id}))
    for named, emptied in _parts(positions, versions):
        told = ERASED[service](
            happened_at=now, subject_id=aggregate_id, positions=named, versions=emptied, basis=basis
        )
        await tell(session, told, actor=actor, now=now)
    return len(positions)


Part = tuple[tuple[int, ...], tuple[int, ...]]


def _parts(positions: list[int], versions: list[int]) -> list[Part]:
    """Both lists in pieces that fit into one event each."""
    longest = max(len(positions), len(versions))
    return [
        (tuple(positions[start : start + PER_EVENT]), tuple(versions[start : start + PER_EVENT]))
        for start in range(0, longest, PER_EVENT)
    ]
