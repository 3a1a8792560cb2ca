"""Use cases of the unit. What came from a case goes through its handover in the same step. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.handover import MediaRef
from libs.common.contracts.handover import Outcome as HandoverOutcome
from libs.common.contracts.tasks import (
    TaskAnswered,
    TaskContacted,
    TaskExtensionAsked,
    TaskProgressed,
    TaskReturned,
    TaskSentBack,
    TaskSigned,
    TaskStaffed,
    TaskSubmitted,
)
from libs.common.events.record import Change
from libs.common.handover import service as handovers
from libs.common.handover.orders import Contact, Progress
from libs.common.media.links import Purpose, Record, attach
from libs.common.policy import Role
from services.tasks.repairs.domain import finish_of
from services.tasks.tasks.domain import (
    Action,
    ClockState,
    ExtensionPending,
    NotMember,
    ReturnReason,
    SignOffRequired,
    State,
    check_later,
    check_return,
    check_sign_off,
    on_time,
)
from services.tasks.tasks.service import By, Task, advance, own, tell
from services.tasks.units import service as units


@dataclass(frozen=True)
class Report:
    """How far it is; `interim`: fit to be passed on to the reporter (进展、阶段性答复)."""

    note: str
    interim: bool = False
    media: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The answer: result, what was done, photos by hash (办理结果).

    `finished_at`: of a repair order, when it was finished (UTC); None = now (完工时间).
    """

    result: str
    summary: str
    media: tuple[str, ...] = ()
    finished_at: datetime | None = None


async def sign(session: AsyncSession, task_id: UUID, by: By) -> Task:
    """Sign for the task (签收)."""
    task = await own(session, task_id, by)
    before = advance(task, Action.SIGN)
    task.signed_at = by.now
    if task.handover_id is not None:
        await handovers.sign(session, task.handover_id, actor=by.actor, now=by.now)
    return await tell(session, task, TaskSigned, Change("sign", before, task.state), by)


async def staff(
    session: AsyncSession, task_id: UUID, section: str | None, assignee: str | None, by: By
) -> Task:
    """Put a section and a person on the task; no person un-assigns (内部分派、取消分派).

    The person is a present member of the unit, or the caller. Raises `NotMember`, `SectionUnknown`.
    """
    task = await own(session, task_id, by)
    unit = await units.read(session, _unit(task))
    units.check_section(unit, section)
    if assignee is not None and assignee != by.actor.subject:
        await _check_member(session, unit.id, assignee, by)
    told = {"section": section, "assignee": {"from": task.assignee, "to": assignee}}
    before = advance(task, Action.WORK)
    task.section, task.assignee = section, assignee
    return await tell(session, task, TaskStaffed, Change("staff", before, task.state, fields=told), by)


async def _check_member(session: AsyncSession, unit_id: UUID, subject: str, by: By) -> None:
    if not await units.roles_of(session, unit_id, subject, local_date(by.now)):
        raise NotMember(pointer="/assignee")


async def first_contact(session: AsyncSession, task_id: UUID, contact: Contact, by: By) -> Task:
    """Tell when and with whom the unit first spoke, or why not (先行联系)."""
    task = await own(session, task_id, by)
    before = advance(task, Action.WORK)
    task.contacted_at, task.contact_note = contact.at, contact.note or None
    if task.handover_id is not None:
        await handovers.first_contact(session, task.handover_id, contact, actor=by.actor, now=by.now)
    change = Change("first-contact", before, task.state, contact.note or None, {"at": contact.at})
    facts = {"contacted": contact.at is not None}
    return await tell(session, task, TaskContacted, change, by, facts)


async def report(session: AsyncSession, task_id: UUID, told: Report, by: By) -> Task:
    """Report progress or an interim reply (进展、阶段性答复)."""
    task = await own(session, task_id, by)
    before = advance(task, Action.WORK)
    await _attach(session, task, told.media, Purpose.EVIDENCE, by)
    if task.handover_id is not None:
        progress = Progress(told.note, told.interim, _refs(told.media, Purpose.EVIDENCE))
        await handovers.report_progress(session, task.handover_id, progress, actor=by.actor, now=by.now)
    change = Change("report", before, task.state, told.note, {"interim": told.interim, "media": told.media})
    return await tell(session, task, TaskProgressed, change, by, {"interim": told.interim})


async def ask_extension(session: AsyncSession, task_id: UUID, until: datetime, reason: str, by: By) -> Task:
    """Ask for more time (申请延期). Raises `ExtensionPending`, `DeadlineNotLater`, `ClockState`."""
    task = await own(session, task_id, by)
    check_later(until, by.now, task.due_at)
    if task.extension_until is not None:
        raise ExtensionPending
    if task.suspended_at is not None:
        raise ClockState
    before = advance(task, Action.WORK)
    task.extension_until = until
    if task.handover_id is not None:
        await handovers.ask_extension(
            session, task.handover_id, until=until, reason=reason, actor=by.actor, now=by.now
        )
    change = Change("ask-extension", before, task.state, reason, {"until": until})
    return await tell(session, task, TaskExtensionAsked, change, by, {"wanted_until": until})


async def give_back(session: AsyncSession, task_id: UUID, reason: ReturnReason, note: str, by: By) -> Task:
    """Ask the sender to take the task back (退单). Raises `PersonAssigned`, `MayNotReturn`."""
    task = await own(session, task_id, by)
    check_return(task.assignee, task.designated, task.reworks)
    return await returned(session, task, reason, note, by)


async def returned(session: AsyncSession, task: Task, reason: ReturnReason, note: str, by: By) -> Task:
    """The return itself, for a unit and for the service that knows no such unit."""
    before = advance(task, Action.RETURN)
    task.return_reason = reason
    if task.handover_id is not None:
        told = f"{reason.value}: {note}"
        await handovers.give_back(
            session, task.handover_id, reason=told, assigned=False, actor=by.actor, now=by.now
        )
    change = Change("return", before, task.state, note, {"reason": reason})
    return await tell(session, task, TaskReturned, change, by, {"reason_code": reason})


async def submit(session: AsyncSession, task_id: UUID, outcome: Outcome, by: By) -> Task:
    """Lay the answer before the leader (报签). Of a repair order raises what `finish_of` raises."""
    task = await own(session, task_id, by)
    before = advance(task, Action.SUBMIT)
    task.finished_at = finish_of(task.repair, task.arrived_at, outcome.finished_at, by.now)
    await _attach(session, task, outcome.media, Purpose.AFTER, by)
    task.answer, task.answer_by = _answer(outcome), by.actor.subject
    return await tell(session, task, TaskSubmitted, Change("submit", before, task.state), by)


async def approve(session: AsyncSession, task_id: UUID, by: By) -> Task:
    """The leader, or a named deputy, lets the answer out (签发). Raises `MayNotSignOff`."""
    task = await own(session, task_id, by)
    await _check_signs(session, task, by)
    before = advance(task, Action.APPROVE)
    return await _send(session, task, "approve", before, by)


async def send_back(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """The leader sends the answer back to be written anew (签发退回). Raises `MayNotSignOff`."""
    task = await own(session, task_id, by)
    await _check_signs(session, task, by)
    before = advance(task, Action.SEND_BACK)
    return await tell(session, task, TaskSentBack, Change("send-back", before, task.state, note), by)


async def answer(session: AsyncSession, task_id: UUID, outcome: Outcome, by: By) -> Task:
    """Answer (反馈): the clock stops. Raises `SignOffRequired` where the unit's setting asks for it.

    Of a repair order raises what `finish_of` raises: nobody repairs what they have not been to.
    """
    task = await own(session, task_id, by)
    before = advance(task, Action.ANSWER)
    unit = await units.read(session, _unit(task))
    if units.settings_of(unit).sign_off_required:
        raise SignOffRequired
    task.finished_at = finish_of(task.repair, task.arrived_at, outcome.finished_at, by.now)
    await _attach(session, task, outcome.media, Purpose.AFTER, by)
    task.answer, task.answer_by = _answer(outcome), by.actor.subject
    return await _send(session, task, "answer", before, by)


async def _send(session: AsyncSession, task: Task, step: str, before: State, by: By) -> Task:
    told = task.answer or {}
    media = tuple(told["media"])
    task.answered_at, task.extension_until = by.now, None
    task.on_time = on_time(by.now, task.due_at, task.suspended_at)
    if task.handover_id is not None:
        outcome = HandoverOutcome(
            result=told["result"], summary=told["summary"], media=_refs(media, Purpose.AFTER)
        )
        await handovers.answer(
            session, task.handover_id, outcome, finished_at=task.finished_at, actor=by.actor, now=by.now
        )
    change = Change(step, before, task.state, told["summary"], {"result": told["result"], "media": media})
    facts = {"outcome": told["result"], "on_time": task.on_time, "evidence_count": len(media)}
    return await tell(session, task, TaskAnswered, change, by, facts)


async def _check_signs(session: AsyncSession, task: Task, by: By) -> None:
    signers = await units.signers(session, _unit(task), local_date(by.now))
    leads = by.viewer is not None and by.viewer.holds(Role.UNIT_LEADER)
    check_sign_off(leads, signers, by.actor.subject, task.answer_by)


async def _attach(
    session: AsyncSession, task: Task, media: tuple[str, ...], purpose: Purpose, by: By
) -> None:
    await attach(session, media, to=Record("task", task.id), purpose=purpose, actor=by.actor, now=by.now)


def _refs(media: tuple[str, ...], purpose: Purpose) -> tuple[MediaRef, ...]:
    return tuple(MediaRef(hash=each, purpose=purpose) for each in media)


def _answer(outcome: Outcome) -> dict[str, object]:
    return {"result": outcome.result, "summary": outcome.summary, "media": list(outcome.media)}


def _unit(task: Task) -> UUID:
    assert task.unit_id is not None  # `own` has compared it with the caller's
    return task.unit_id
