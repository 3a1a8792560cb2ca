from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from services.tasks.assignments import service as assignments
from services.tasks.tasks.jobs import mark_overdue_tasks
from services.tasks.tasks.service import TASKS, By, locked
from tests.tasks.factories import MONDAY, create_task, create_unit, outbox, stored

HOUR = timedelta(hours=1)


async def _suspend(session: AsyncSession, task_id: UUID, by: By) -> None:
    await assignments.suspend(session, await locked(session, task_id, by), "等待", by)


async def _reschedule(session: AsyncSession, task_id: UUID, by: By) -> None:
    task = await locked(session, task_id, by)
    await assignments.reschedule(session, task, by.now + HOUR, "延后", by)


async def test_a_task_past_its_deadline_is_marked_once(database: Database) -> None:
    unit = await create_unit(database)
    late = await create_task(database, unit.id, due_at=MONDAY + HOUR)
    for due in (MONDAY + 9 * HOUR, None):
        await create_task(database, unit.id, due_at=due)
    now = MONDAY + 2 * HOUR
    assert await database.transact(lambda s: mark_overdue_tasks(s, now)) == 1
    assert await database.transact(lambda s: mark_overdue_tasks(s, now)) == 0
    assert (await stored(database, late.id)).overdue_at == now
    event = (await outbox(database))[-1]
    assert (event.type, event.aggregate_id) == ("cn.jiayuan.tasks.task.overdue.v1", late.id)


async def test_a_suspended_task_is_not_overdue_and_a_later_deadline_lifts_the_mark(
    database: Database,
) -> None:
    unit = await create_unit(database)
    task = await create_task(database, unit.id, due_at=MONDAY + HOUR)
    by = By(TASKS, MONDAY)
    await database.transact(lambda s: _suspend(s, task.id, by))
    now = MONDAY + 2 * HOUR
    assert await database.transact(lambda s: mark_overdue_tasks(s, now)) == 0
    other = await create_task(database, unit.id, due_at=MONDAY + HOUR)
    assert await database.transact(lambda s: mark_overdue_tasks(s, now)) == 1
    await database.transact(lambda s: _reschedule(s, other.id, By(TASKS, now)))
    assert (await stored(database, other.id)).overdue_at is None
