"""What tasks hears from the sender of a case's handover. Each hook runs once, on the applied step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.handover.consumers import ReceiverHooks
from libs.common.handover.models import IncomingHandover
from libs.common.media.links import Record, expect
from libs.common.policy import Actor
from services.tasks.assignments import service
from services.tasks.tasks.service import By, Task, of_handover

KINDS = ("case-task", "case-repair")


def _by(event: said.Step, now: datetime) -> By:
    return By(Actor(event.by, event.role), now)


async def _task(session: AsyncSession, handover: IncomingHandover, by: By) -> Task:
    """The handover's task; one that was lost is made anew."""
    return await of_handover(session, handover.id) or await service.receive(session, handover, by)


async def on_requested(
    session: AsyncSession, handover: IncomingHandover, event: said.Requested, now: datetime
) -> None:
    """A case needs a unit."""
    await service.receive(session, handover, _by(event, now))


async def on_supplemented(
    session: AsyncSession, handover: IncomingHandover, event: said.Supplemented, now: datetime
) -> None:
    """The sender tells more."""
    by = _by(event, now)
    task = await _task(session, handover, by)
    await _expect(session, task, event.media, by)
    await service.supplement(session, task, event.note, by)


async def on_urged(
    session: AsyncSession, handover: IncomingHandover, event: said.Urged, now: datetime
) -> None:
    """The sender urges: it reaches the clerk's inbox."""
    by = _by(event, now)
    await service.urge(session, await _task(session, handover, by), event.note, by)


async def on_designated(
    session: AsyncSession, handover: IncomingHandover, event: said.Designated, now: datetime
) -> None:
    """The unit is designated."""
    by = _by(event, now)
    await service.designate(session, await _task(session, handover, by), event.note, by)


async def on_changed(
    session: AsyncSession, handover: IncomingHandover, event: said.Changed, now: datetime
) -> None:
    """Category or deadline changed."""
    by = _by(event, now)
    task = await _task(session, handover, by)
    task.category = event.category or task.category
    await service.reschedule(session, task, handover.due_at, event.note, by)


async def on_extension_granted(
    session: AsyncSession, handover: IncomingHandover, event: said.ExtensionGranted, now: datetime
) -> None:
    """More time was granted."""
    by = _by(event, now)
    task = await _task(session, handover, by)
    await service.grant_extension(session, task, event.due_at, event.note, by)


async def on_extension_refused(
    session: AsyncSession, handover: IncomingHandover, event: said.ExtensionRefused, now: datetime
) -> None:
    """More time was refused."""
    by = _by(event, now)
    await service.refuse_extension(session, await _task(session, handover, by), event.note, by)


async def on_suspended(
    session: AsyncSession, handover: IncomingHandover, event: said.Suspended, now: datetime
) -> None:
    """The clock stands still, as the sender's does."""
    by = _by(event, now)
    await service.suspend(session, await _task(session, handover, by), event.note, by)


async def on_resumed(
    session: AsyncSession, handover: IncomingHandover, event: said.Resumed, now: datetime
) -> None:
    """The clock runs again to the deadline that the sender has reckoned."""
    by = _by(event, now)
    task = await _task(session, handover, by)
    await service.resume(session, task, handover.due_at, event.note, by)


async def on_accepted(
    session: AsyncSession, handover: IncomingHandover, event: said.Accepted, now: datetime
) -> None:
    """The grid's check has passed: the task closes."""
    by = _by(event, now)
    await service.accept(session, await _task(session, handover, by), event.on_time, by)


async def on_rework_demanded(
    session: AsyncSession, handover: IncomingHandover, event: said.ReworkDemanded, now: datetime
) -> None:
    """The grid's check has failed: same unit, no fresh clock."""
    by = _by(event, now)
    task = await _task(session, handover, by)
    await _expect(session, task, event.media, by)
    await service.rework(session, task, event.note, by)


async def on_taken_back(
    session: AsyncSession, handover: IncomingHandover, event: said.TakenBack, now: datetime
) -> None:
    """The sender agrees to the return."""
    by = _by(event, now)
    await service.take_back(session, await _task(session, handover, by), event.note, by)


async def on_withdrawn(
    session: AsyncSession, handover: IncomingHandover, event: said.Withdrawn, now: datetime
) -> None:
    """The sender withdraws."""
    by = _by(event, now)
    await service.withdraw(session, await _task(session, handover, by), event.note, by)


async def on_restated(
    session: AsyncSession, handover: IncomingHandover, event: said.Restated, now: datetime
) -> None:
    """The sender says again all that it knows."""
    by = _by(event, now)
    task = await _task(session, handover, by)
    await service.realign(session, task, handover, by)


async def _expect(session: AsyncSession, task: Task, media: tuple[said.MediaRef, ...], by: By) -> None:
    photos = [(ref.hash, ref.purpose) for ref in media]
    await expect(session, photos, to=Record("task", task.id), actor=by.actor, now=by.now)


HOOKS = ReceiverHooks(
    on_requested=on_requested,
    on_supplemented=on_supplemented,
    on_urged=on_urged,
    on_designated=on_designated,
    on_changed=on_changed,
    on_extension_granted=on_extension_granted,
    on_extension_refused=on_extension_refused,
    on_suspended=on_suspended,
    on_resumed=on_resumed,
    on_accepted=on_accepted,
    on_rework_demanded=on_rework_demanded,
    on_taken_back=on_taken_back,
    on_withdrawn=on_withdrawn,
    on_restated=on_restated,
)

RECEIVES: Mapping[str, ReceiverHooks] = dict.fromkeys(KINDS, HOOKS)
