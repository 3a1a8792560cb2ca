"""What disputes hears from the sender of a handover. Each hook runs once, on the applied step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.events.contract import Event
from libs.common.handover.consumers import ReceiverHooks, handlers
from libs.common.handover.models import IncomingHandover
from libs.common.policy import Actor
from libs.common.service import Handler
from services.disputes.disputes.service import By, Dispute, of_handover
from services.disputes.referrals import service

KIND = "case-dispute"


def _by(event: said.Step, now: datetime) -> By:
    return By(Actor(event.by, event.role), now)


async def _dispute(session: AsyncSession, handover: IncomingHandover, by: By) -> Dispute:
    """The handover's dispute; one that was lost is made anew."""
    return await of_handover(session, handover.id) or await service.receive(session, handover, by)


async def on_requested(
    session: AsyncSession, handover: IncomingHandover, event: said.Requested, now: datetime
) -> None:
    """A case is a property dispute."""
    await service.receive(session, handover, _by(event, now))


async def on_supplemented(
    session: AsyncSession, handover: IncomingHandover, event: said.Supplemented, now: datetime
) -> None:
    """The sender tells more."""
    by = _by(event, now)
    dispute = await _dispute(session, handover, by)
    await service.supplement(session, dispute, event.note, event.media, by)


async def on_urged(
    session: AsyncSession, handover: IncomingHandover, event: said.Urged, now: datetime
) -> None:
    """The sender urges: it shows on the body's list."""
    by = _by(event, now)
    await service.urge(session, await _dispute(session, handover, by), event.note, by)


async def on_taken_back(
    session: AsyncSession, handover: IncomingHandover, event: said.TakenBack, now: datetime
) -> None:
    """The sender agrees to the return."""
    by = _by(event, now)
    await service.take_back(session, await _dispute(session, handover, by), event.note, by)


async def on_withdrawn(
    session: AsyncSession, handover: IncomingHandover, event: said.Withdrawn, now: datetime
) -> None:
    """The sender withdraws: the parties may go on by themselves."""
    by = _by(event, now)
    await service.let_go(session, await _dispute(session, handover, by), event.note, by)


async def on_restated(
    session: AsyncSession, handover: IncomingHandover, event: said.Restated, now: datetime
) -> None:
    """The sender says again all that it knows."""
    by = _by(event, now)
    await service.realign(session, await _dispute(session, handover, by), handover, by)


HOOKS = ReceiverHooks(
    on_requested=on_requested,
    on_supplemented=on_supplemented,
    on_urged=on_urged,
    on_taken_back=on_taken_back,
    on_withdrawn=on_withdrawn,
    on_restated=on_restated,
)

HANDLERS: Mapping[type[Event], Handler] = handlers("disputes", sends={}, receives={KIND: HOOKS})
