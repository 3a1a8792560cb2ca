"""Use cases of supervisions: a light proposes, the office decides, the task closes. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.handover import Contents, Outcome
from libs.common.contracts.tasks import (
    SupervisionClosed,
    SupervisionFact,
    SupervisionIssued,
    SupervisionNotIssued,
    SupervisionProposed,
    SupervisionRestated,
    SupervisionWithdrawn,
)
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.handover import repository as handover_repository
from libs.common.handover import service as handovers
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import IncomingHandover
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.ids import new_id
from libs.common.numbering import matter_number
from libs.common.policy import Principal
from libs.common.versions import check_version
from services.tasks.directs import service as directs
from services.tasks.directs.service import Assignment
from services.tasks.supervisions import repository
from services.tasks.supervisions.domain import (
    LIFE,
    Action,
    NotIssuedReason,
    State,
    SupervisionNotFound,
    UnitMissing,
    ending,
    realigned,
)
from services.tasks.supervisions.models import Supervision as Supervision
from services.tasks.supervisions.repository import SupervisionFilter as SupervisionFilter
from services.tasks.tasks.domain import State as TaskState
from services.tasks.tasks.service import TASKS, By, Task, follow

PREFIX = "S"
"""First letter of the number of a supervision (督办编号)."""
SUBJECT = "supervision"
BY_TIME = Keyset("supervisions-by-time", datetime, UUID)


@dataclass(frozen=True)
class Order:
    """How a supervision is issued (督办单): deadline (UTC), unit and words where not as proposed."""

    due_at: datetime
    unit_id: UUID | None = None
    title: str | None = None
    description: str | None = None
    responsible_unit_ids: tuple[UUID, ...] = ()
    cooperating_unit_ids: tuple[UUID, ...] = ()
    note: str = ""


async def propose(session: AsyncSession, handover: IncomingHandover, by: By) -> Supervision:
    """A red light proposes a supervision (拟办): it waits for the office."""
    told = Contents.model_validate(handover.contents)
    serial = await repository.next_serial(session)
    row = Supervision(
        id=new_id(),
        version=0,
        serial=serial,
        number=matter_number(PREFIX, local_date(by.now), handover.area, serial),
        handover_id=handover.id,
        target_id=handover.subject_id,
        target_code=handover.subject_number,
        title=told.title,
        description=told.description,
        details=told.details,
        area=handover.area,
        unit_id=handover.unit_id,
        state=LIFE.initial,
        proposed_at=by.now,
        wanted_by=handover.due_at,
    )
    await repository.add(session, row)
    return await _tell(session, row, SupervisionProposed, Change("propose", None, row.state), by)


async def issue(session: AsyncSession, supervision_id: UUID, order: Order, by: By) -> Supervision:
    """Issue it to the responsible unit as a task (发出督办单); the proposer hears of it.

    Raises `SupervisionNotFound`, `Stale`, `UnitMissing` and what `directs.service.enter` raises.
    """
    row, handover = await _locked(session, supervision_id, by)
    unit_id = order.unit_id or row.unit_id
    if unit_id is None:
        raise UnitMissing(pointer="/unit_id")
    given = Assignment(
        title=order.title or row.title,
        description=order.description or row.description or row.title,
        unit_id=unit_id,
        area=row.area,
        responsible_unit_ids=order.responsible_unit_ids,
        cooperating_unit_ids=order.cooperating_unit_ids,
        due_at=order.due_at,
        replaces_id=row.task_id,
        subject=(SUBJECT, row.id, row.number),
    )
    task = await directs.enter(session, given, by)
    before = _advance(row, Action.ISSUE)
    row.unit_id, row.task_id, row.due_at = unit_id, task.id, order.due_at
    _decided(row, order.note, by)
    await _answer(session, handover, Outcome(result="issued", summary=row.number), by)
    change = Change("issue", before, row.state, order.note or None, {"task": task.id, "unit": unit_id})
    facts = {"task_id": task.id, "due_at": order.due_at}
    return await _tell(session, row, SupervisionIssued, change, by, facts)


async def not_issue(
    session: AsyncSession, supervision_id: UUID, reason: NotIssuedReason, note: str, by: By
) -> Supervision:
    """Do not issue it, and say why (不予督办). Raises `SupervisionNotFound`, `Stale`."""
    row, handover = await _locked(session, supervision_id, by)
    await _answer(session, handover, Outcome(result="not-issued", summary=note), by)
    return await _not_issued(session, row, reason, note, by)


async def task_ended(session: AsyncSession, task: Task, by: By) -> None:
    """Its task has ended: closed with it, or before the office again where the task ended undone."""
    row = await repository.lock(session, task.subject_id) if task.subject_id else None
    if row is None or row.task_id != task.id or row.state != State.ISSUED:
        return
    action = ending(TaskState(task.state))
    before = _advance(row, action)
    change = Change(action.value, before, row.state, fields={"task": task.id, "state": task.state})
    if action is Action.CLOSE:
        row.on_time, row.ended_at = task.on_time, by.now
        facts = {"task_id": task.id, "on_time": task.on_time}
        await _tell(session, row, SupervisionClosed, change, by, facts)
    else:
        row.decided_at = row.decided_by = row.due_at = None
        await _tell(session, row, SupervisionProposed, change, by)


follow(SUBJECT, task_ended)


async def withdraw(session: AsyncSession, handover: IncomingHandover, note: str, by: By) -> None:
    """The proposer takes its proposal back; what is issued already goes on (撤回)."""
    row = await repository.lock_of_handover(session, handover.id)
    if row is None or row.state != State.PROPOSED:
        return
    before = _advance(row, Action.WITHDRAW)
    row.ended_at = by.now
    change = Change("withdraw", before, row.state, note or None)
    await _tell(session, row, SupervisionWithdrawn, change, by)


async def realign(session: AsyncSession, handover: IncomingHandover, by: By) -> None:
    """Follow what the proposer says again after a loss; a proposal that was lost is made anew."""
    row = await repository.lock_of_handover(session, handover.id) or await propose(session, handover, by)
    answer = handover.answer or {}
    action = realigned(State(row.state), HandoverState(handover.state), answer.get("result"))
    if action is Action.WITHDRAW:
        await withdraw(session, handover, "", by)
    elif action is Action.NOT_ISSUE:
        await _not_issued(session, row, NotIssuedReason.OTHER, str(answer.get("summary", "")), by)


async def read(session: AsyncSession, supervision_id: UUID, viewer: Principal) -> Supervision:
    """The supervision, if the viewer may see it. Raises `SupervisionNotFound`."""
    row = await repository.visible(session, supervision_id, viewer)
    if row is None:
        raise SupervisionNotFound
    return row


async def list_supervisions(
    session: AsyncSession, narrow: SupervisionFilter, viewer: Principal, paging: Paging
) -> Slice[Supervision]:
    """Newest first, inside the viewer's area."""
    rows = repository.narrowed(narrow, viewer)
    page = await repository.by_time(session, rows, paging.limit + 1, BY_TIME.after(paging))
    total = await repository.count(session, rows) if paging.total else None
    return BY_TIME.slice(page, paging, lambda row: (row.proposed_at, row.id), total)


async def history(session: AsyncSession, row: Supervision) -> Sequence[History]:
    """Its steps, oldest first."""
    return await repository.history(session, row.id)


async def restate_supervisions(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Say again how the next supervisions stand."""
    found = await repository.after(session, limit, last)
    now = utc_now()
    said = [Entry(_restated(row, now), row.id, row.version, TASKS) for row in found]
    await append_many(session, said)
    return found[-1].id if len(found) == limit else None


def _restated(row: Supervision, now: datetime) -> SupervisionRestated:
    facts = {"task_id": row.task_id, "due_at": row.due_at, "on_time": row.on_time, "reason_code": row.reason}
    return SupervisionRestated(**_facts(row, now), **facts)


async def _locked(
    session: AsyncSession, supervision_id: UUID, by: By
) -> tuple[Supervision, IncomingHandover | None]:
    """The supervision, locked behind its handover, as the messages lock them."""
    if by.viewer is None:
        raise SupervisionNotFound
    found = await read(session, supervision_id, by.viewer)
    handover = await handover_repository.find_for_update(session, IncomingHandover, found.handover_id)
    row = await repository.lock(session, supervision_id)
    if row is None:
        raise SupervisionNotFound
    if by.version is not None:
        check_version(row, by.version)
    return row, handover


async def _answer(session: AsyncSession, handover: IncomingHandover | None, outcome: Outcome, by: By) -> None:
    """Answer the proposer, signing first; an answered handover has ended and is not answered again."""
    if handover is None or handover.state not in (HandoverState.REQUESTED, HandoverState.SIGNED):
        return
    if handover.state == HandoverState.REQUESTED:
        await handovers.sign(session, handover.id, actor=by.actor, now=by.now)
    await handovers.answer(session, handover.id, outcome, actor=by.actor, now=by.now)


async def _not_issued(
    session: AsyncSession, row: Supervision, reason: NotIssuedReason, note: str, by: By
) -> Supervision:
    before = _advance(row, Action.NOT_ISSUE)
    row.reason, row.ended_at = reason, by.now
    _decided(row, note, by)
    change = Change("not-issue", before, row.state, note, {"reason": reason})
    return await _tell(session, row, SupervisionNotIssued, change, by, {"reason_code": reason})


def _decided(row: Supervision, note: str, by: By) -> None:
    row.decided_at, row.decided_by, row.note = by.now, by.actor.subject, note or None


def _advance(row: Supervision, action: Action) -> State:
    before = State(row.state)
    row.state = LIFE.after(before, action)
    return before


async def _tell(
    session: AsyncSession,
    row: Supervision,
    event: type[SupervisionFact],
    change: Change,
    by: By,
    facts: Mapping[str, Any] | None = None,
) -> Supervision:
    told = event(**_facts(row, by.now), **(facts or {}))
    await record(session, row, told, actor=by.actor, now=by.now, change=change)
    return row


def _facts(row: Supervision, now: datetime) -> dict[str, Any]:
    return {
        "happened_at": now,
        "number": row.number,
        "status": row.state,
        "handover_id": row.handover_id,
        "target_id": row.target_id,
        "unit_id": row.unit_id,
        "area": row.area,
    }
