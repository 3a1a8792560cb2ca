"""Every statement on feedback lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.tasks.cooperation.models import TaskLine


async def add(session: AsyncSession, lines: Iterable[TaskLine]) -> None:
    """Store new lines."""
    session.add_all(lines)
    await session.flush()


async def of_task(session: AsyncSession, task_id: UUID) -> Sequence[TaskLine]:
    """The lines of a task, responsible units first."""
    rows = select(TaskLine).where(TaskLine.task_id == task_id)
    return (await session.scalars(rows.order_by(TaskLine.role.desc(), TaskLine.id))).all()


async def of_unit(session: AsyncSession, task_id: UUID, unit_id: UUID) -> TaskLine | None:
    """The unit's line in the task; the task's row is locked."""
    rows = select(TaskLine).where(TaskLine.task_id == task_id, TaskLine.unit_id == unit_id)
    return (await session.scalars(rows)).one_or_none()
