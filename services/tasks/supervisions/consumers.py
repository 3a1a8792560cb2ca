"""What tasks hears from who proposes supervision. Each hook runs once, on the applied step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.handover.consumers import ReceiverHooks
from libs.common.handover.models import IncomingHandover
from libs.common.policy import Actor
from services.tasks.supervisions import service
from services.tasks.tasks.service import By


def _by(event: said.Step, now: datetime) -> By:
    return By(Actor(event.by, event.role), now)


async def on_requested(
    session: AsyncSession, handover: IncomingHandover, event: said.Requested, now: datetime
) -> None:
    """A light turned red: a supervision is proposed."""
    await service.propose(session, handover, _by(event, now))


async def on_withdrawn(
    session: AsyncSession, handover: IncomingHandover, event: said.Withdrawn, now: datetime
) -> None:
    """The proposal is taken back."""
    await service.withdraw(session, handover, event.note, _by(event, now))


async def on_restated(
    session: AsyncSession, handover: IncomingHandover, event: said.Restated, now: datetime
) -> None:
    """The proposer says again all that it knows."""
    await service.realign(session, handover, _by(event, now))


RECEIVES: Mapping[str, ReceiverHooks] = {
    "supervision": ReceiverHooks(
        on_requested=on_requested, on_withdrawn=on_withdrawn, on_restated=on_restated
    )
}
