"""What is done to the platform's own records is told in its log 管理留痕: an aggregate for each deed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.contract import Event
from libs.common.events.record import Change, record
from libs.common.ids import new_id
from libs.common.policy import Actor


@dataclass
class Deed:
    """The head of a deed: it has one version, and no table beside history and log."""

    id: UUID
    version: int = 0


async def tell(
    session: AsyncSession, event: Event, *, actor: Actor, now: datetime, change: Change | None = None
) -> UUID:
    """Record the deed in the transaction that does it; answers its id."""
    deed = Deed(new_id())
    await record(session, deed, event, actor=actor, now=now, change=change)
    return deed.id
