"""Every statement on tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from libs.common.policy import BY_UNIT, Principal
from libs.common.scoping import in_scope
from libs.common.search import tsquery_text
from services.tasks.tasks.domain import OPEN, UNANSWERED, State
from services.tasks.tasks.models import Task, in_states


class Show(StrEnum):
    """Named shapes of a list (列表范围)."""

    ALL = "all"  # 全部
    OPEN = "open"  # 未办结
    OVERDUE = "overdue"  # 已超时
    MINE = "mine"  # 我经办的
    UNIT_UNKNOWN = "unit-unknown"  # 单位不存在


@dataclass(frozen=True)
class TaskFilter:
    """What a list is narrowed to."""

    show: Show = Show.ALL
    unit_id: UUID | None = None
    state: State | None = None
    area: str | None = None
    due_before: datetime | None = None
    words: str | None = None
    measure_id: UUID | None = None


def _is(states: tuple[State, ...]) -> ColumnElement[bool]:
    return literal_column(in_states(states), Boolean())


async def find(session: AsyncSession, task_id: UUID) -> Task | None:
    """The task."""
    return await session.get(Task, task_id, populate_existing=True)


async def handover_of(session: AsyncSession, task_id: UUID) -> UUID | None:
    """The task's handover, if it has one."""
    return await session.scalar(select(Task.handover_id).where(Task.id == task_id))


async def lock(session: AsyncSession, task_id: UUID) -> Task | None:
    """The task, its row locked."""
    return await session.get(Task, task_id, with_for_update=True, populate_existing=True)


async def lock_of_handover(session: AsyncSession, handover_id: UUID) -> Task | None:
    """The task of the handover, its row locked."""
    rows = select(Task).where(Task.handover_id == handover_id).with_for_update()
    return (await session.scalars(rows, execution_options={"populate_existing": True})).one_or_none()


async def of_handovers(session: AsyncSession, handover_ids: Collection[UUID]) -> Sequence[Task]:
    """The tasks of the handovers."""
    return (await session.scalars(select(Task).where(Task.handover_id.in_(handover_ids)))).all()


async def next_serial(session: AsyncSession) -> int:
    """The serial of the next task; gaps are allowed."""
    return int(await session.scalar(text("SELECT nextval(pg_get_serial_sequence('task', 'serial'))")) or 0)


def seen_by(principal: Principal, asked: str | None = None) -> ColumnElement[bool]:
    """The rows that the caller may see: a unit's own and those it takes part in; for others by area."""
    seen: list[ColumnElement[bool]] = [false()]
    if principal.unit_id is not None:
        partner = Task.partner_ids.contains([principal.unit_id])
        seen.append(or_(Task.unit_id == principal.unit_id, partner))
    if principal.roles - BY_UNIT:
        seen.append(in_scope(principal, Task.area, asked=asked))
    return or_(*seen)


async def visible(session: AsyncSession, task_id: UUID, principal: Principal) -> Task | None:
    """The task, if the caller may see it."""
    rows = select(Task).where(Task.id == task_id, seen_by(principal))
    return (await session.scalars(rows)).one_or_none()


def _shown(show: Show, principal: Principal, now: datetime) -> ColumnElement[bool] | None:
    late = and_(Task.due_at < now, Task.suspended_at.is_(None), _is(UNANSWERED))
    shapes: dict[Show, ColumnElement[bool] | None] = {
        Show.ALL: None,
        Show.OPEN: _is(OPEN),
        Show.OVERDUE: late,
        Show.MINE: and_(Task.assignee == principal.subject, _is(OPEN)),
        Show.UNIT_UNKNOWN: Task.unit_id.is_(None),
    }
    return shapes[show]


def narrowed(narrow: TaskFilter, principal: Principal, now: datetime) -> Select[Task]:
    """The rows of a list, unsorted."""
    rows = select(Task).where(seen_by(principal, narrow.area))
    shown = _shown(narrow.show, principal, now)
    if shown is not None:
        rows = rows.where(shown)
    if narrow.area and principal.unit_id is not None:
        rows = rows.where(Task.area.startswith(narrow.area, autoescape=True))
    if narrow.unit_id:
        rows = rows.where(Task.unit_id == narrow.unit_id)
    if narrow.state:
        rows = rows.where(Task.state == narrow.state)
    if narrow.measure_id:
        rows = rows.where(Task.measure_id == narrow.measure_id)
    if narrow.due_before:
        rows = rows.where(Task.due_at < narrow.due_before)
    if narrow.words:
        query = text("task.words @@ CAST(:words AS tsquery)").bindparams(words=tsquery_text(narrow.words))
        rows = rows.where(query)
    return rows


async def by_time(
    session: AsyncSession, rows: Select[Task], limit: int, last: tuple[Any, ...] | None
) -> Sequence[Task]:
    """Newest first, after the key `last` (created_at, id)."""
    if last is not None:
        rows = rows.where(tuple_(Task.created_at, Task.id) < tuple_(*last))
    ordered = rows.order_by(Task.created_at.desc(), Task.id.desc()).limit(limit)
    return (await session.scalars(ordered)).all()


async def by_due(
    session: AsyncSession, rows: Select[Task], limit: int, last: tuple[Any, ...] | None
) -> Sequence[Task]:
    """By deadline, after the key `last` (due_order, id)."""
    if last is not None:
        rows = rows.where(tuple_(Task.due_order, Task.id) > tuple_(*last))
    return (await session.scalars(rows.order_by(Task.due_order, Task.id).limit(limit))).all()


async def count(session: AsyncSession, rows: Select[Task]) -> int:
    """How many rows the list has."""
    counted = rows.with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


def inbox(unit_id: UUID) -> Select[Task]:
    """What the unit has to do or waits for, with the tasks that it still owes feedback to."""
    owing = and_(Task.partner_ids.contains([unit_id]), Task.owing_ids.contains([unit_id]))
    return select(Task).where(_is(OPEN), or_(Task.unit_id == unit_id, owing))


def sign_offs(unit_id: UUID) -> Select[Task]:
    """What waits for the leader's sign-off."""
    return select(Task).where(Task.unit_id == unit_id, Task.state == State.AWAITING_SIGN_OFF)


async def joint(session: AsyncSession, joint_id: UUID) -> Sequence[Task]:
    """The tasks of one joint handling, the lead first; who was alone at first: by the handover itself."""
    theirs = or_(Task.joint_id == joint_id, Task.handover_id == joint_id)
    rows = select(Task).where(theirs).order_by(Task.lead.desc(), Task.id)
    return (await session.scalars(rows)).all()


async def history(session: AsyncSession, task_id: UUID) -> Sequence[History]:
    """The steps of the task, oldest first."""
    rows = select(History).where(History.aggregate_id == task_id, History.aggregate_type == "task")
    return (await session.scalars(rows.order_by(History.version))).all()


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Task]:
    """The next tasks by id, locked: for restating."""
    rows = select(Task).order_by(Task.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Task.id > last)
    return (await session.scalars(rows)).all()


async def claim_overdue(session: AsyncSession, now: datetime, limit: int) -> Sequence[Task]:
    """Tasks whose deadline in force has passed unmarked, locked; those being worked on wait."""
    rows = (
        select(Task)
        .where(
            Task.due_at < now,
            _is(UNANSWERED),
            Task.overdue_at.is_(None),
            Task.suspended_at.is_(None),
        )
        .order_by(Task.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(rows)).all()


async def add(session: AsyncSession, row: Task) -> None:
    """Store a new row."""
    session.add(row)
    await session.flush()
