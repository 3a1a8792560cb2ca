"""Use cases of the hotline officer. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.handover import FirstContactMade
from libs.common.contracts.orders import (
    OrderAccusedNamed,
    OrderContacted,
    OrderExtensionAsked,
    OrderInterimReplied,
    OrderReplied,
    OrderReturnAsked,
    OrderReturnRefused,
    OrderTaken,
)
from libs.common.handover.models import OutgoingHandover
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.conversions import service as conversions
from services.grid.handlings.domain import (
    Contact,
    Contactor,
    Finding,
    Result,
    check_contact,
    check_contactor,
    check_extension,
    check_in_mediation,
    check_reply,
    check_return,
    contact_on_time,
    reply_on_time,
)
from services.grid.orders import service as orders
from services.grid.orders.domain import LIFE, Extension, OrderAction, OrderState
from services.grid.orders.service import HotlineOrder
from services.grid.replies import service as replies
from services.grid.routing import service as routing
from services.grid.rules import service as rules


async def take(session: AsyncSession, order_id: UUID, *, by: By) -> HotlineOrder:
    """Have the order in hand (承办): it is on the officer's list."""
    step = orders.begin(await orders.locked(session, order_id, by), OrderAction.TAKE, by)
    step.order.officer = by.actor.subject
    return await orders.finish(session, step, OrderTaken, fields={"officer": by.actor.subject})


async def contact(session: AsyncSession, order_id: UUID, given: Contact, *, by: By) -> HotlineOrder:
    """Record the first contact, made or tried (先行联系).

    Raises `ContactTimeInvalid`, `AccusedNotContact`.
    """
    order = await orders.locked(session, order_id, by)
    order.officer = order.officer or by.actor.subject
    case = await cases.get(session, order.case_id)
    check_contactor(given.by, case.unit_id if case else None, order.accused_unit_id)
    ahead = timedelta(minutes=(await rules.rules(session)).report.ahead_minutes)
    check_contact(given, order.received_at, by.now, ahead)
    return await _contacted(session, order, given, by)


async def _contacted(session: AsyncSession, order: HotlineOrder, given: Contact, by: By) -> HotlineOrder:
    """The first record decides whether it was on time; who was reached stays reached."""
    step = orders.begin(order, OrderAction.CONTACT, by)
    if order.contact_recorded_at is None:
        order.contact_recorded_at = by.now
        order.contact_on_time = contact_on_time(given, order.contact_due_at, by.now)
    if given.at is not None or order.contacted_at is None:
        order.contact_by, order.contacted_at = given.by, given.at
        order.contact_person, order.contact_reason = given.person, given.reason
    facts = {"reached": given.at is not None, "on_time": bool(order.contact_on_time)}
    fields = {**facts, "by": given.by.value, "at": given.at}
    return await orders.finish(session, step, OrderContacted, note=given.reason, fields=fields, facts=facts)


async def unit_contacted(
    session: AsyncSession, handover: OutgoingHandover, event: FirstContactMade, now: datetime
) -> None:
    """A unit says that it spoke to the reporter: the order's first contact, unless it is the accused."""
    await replies.contacted(session, handover, event, now)
    order = await orders.made_by_case(session, handover.subject_id)
    if order is None or handover.unit_id == order.accused_unit_id:
        return
    fits = OrderAction.CONTACT in LIFE.allowed(OrderState(order.state)) and order.contacted_at is None
    if fits:
        given = Contact(Contactor.UNIT, event.contacted_at, event.person, event.note or None)
        await _contacted(session, order, given, replies.by_of(handover, event, now))


async def name_accused(session: AsyncSession, order_id: UUID, unit_id: UUID, *, by: By) -> HotlineOrder:
    """Name the complained-of unit (被诉单位): no handover tells it the caller, and it makes no contact.

    The first contact falls to the nearest unit of the kinds that the rules name. Raises `UnitUnknown`.
    """
    order = await orders.locked(session, order_id, by)
    step = orders.begin(order, OrderAction.NAME_ACCUSED, by)
    day = local_date(by.now)
    order.accused_unit_id = (await routing.unit_in_force(session, unit_id, day)).id
    kinds = (await rules.rules(session)).hotlines().contact_units
    order.contact_unit_id = await routing.nearest(session, kinds, order.area, day)
    for case_id in {order.case_id, order.made_case_id or order.case_id}:
        await cases.hide_reporter_from(session, case_id, unit_id)
    fields = {"unit_id": unit_id, "contact_unit_id": order.contact_unit_id}
    return await orders.finish(session, step, OrderAccusedNamed, fields=fields)


async def ask_return(
    session: AsyncSession, order_id: UUID, *, reason_code: str, reason: str, by: By
) -> HotlineOrder:
    """Ask the hotline to take it back: wrong address (申请退单). Raises `ReturnTooLate`."""
    order = await orders.locked(session, order_id, by)
    step = orders.begin(order, OrderAction.ASK_RETURN, by)
    check_return(order.return_due_at, by.now)
    said = {"reason_code": reason_code}
    return await orders.finish(session, step, OrderReturnAsked, note=reason, fields=said, facts=said)


async def withdraw_return(session: AsyncSession, order_id: UUID, *, reason: str, by: By) -> HotlineOrder:
    """It is ours after all (撤回退单申请): nobody waits for the hotline any more."""
    step = orders.begin(await orders.locked(session, order_id, by), OrderAction.WITHDRAW_RETURN, by)
    return await orders.finish(session, step, OrderReturnRefused, note=reason, facts={"withdrawn": True})


async def ask_extension(session: AsyncSession, order_id: UUID, *, reason: str, by: By) -> HotlineOrder:
    """Ask the hotline for the limit of complex matters (申请延期). Raises `ExtensionTooLate`."""
    order = await orders.locked(session, order_id, by)
    step = orders.begin(order, OrderAction.ASK_EXTENSION, by)
    check_extension(order.reply_due_at, order.extension, by.now)
    order.extension = Extension.ASKED
    return await orders.finish(session, step, OrderExtensionAsked, note=reason)


async def interim_reply(session: AsyncSession, order_id: UUID, *, note: str, by: By) -> HotlineOrder:
    """The caller knows that mediation has the matter (阶段性答复): the reply waits for its end.

    Raises `NotInMediation`.
    """
    order, case = await orders.locked_with_case(session, order_id, by)
    step = orders.begin(order, OrderAction.INTERIM_REPLY, by)
    check_in_mediation(case.state)
    if case.interim_at is None:  # the case wants the same, once
        await conversions.reply(session, case.id, note=note, by=By(by.actor, by.now))
    said = {"on_time": reply_on_time(order.reply_due_at, by.now)}
    order.interim_at = by.now
    orders.set_reply_due(order, None)
    return await orders.finish(session, step, OrderInterimReplied, note=note, fields=said, facts=said)


@dataclass(frozen=True)
class Reply:
    """The reply form (答复单). `told_at`: when the caller was told, UTC."""

    finding: Finding
    finding_note: str
    result: Result
    method: str
    told_at: datetime
    points: str
    may_publish: bool
    department: str
    responsible: str
    deputy: str | None = None


async def reply(session: AsyncSession, order_id: UUID, given: Reply, *, by: By) -> HotlineOrder:
    """The reply leaves for caller and hotline (答复), after the case has ended.

    Raises `ContactMissing`, `CaseNotEnded`, `NotSolvedInFact`, `ContactTimeInvalid`.
    """
    order, case = await orders.locked_with_case(session, order_id, by)
    step = orders.begin(order, OrderAction.REPLY, by)
    check_reply(given.result, order.contact_recorded_at, case.state, case.outcome)
    order.replied_at, order.finding, order.result = by.now, given.finding, given.result
    order.reply_on_time = reply_on_time(order.reply_due_at, by.now)
    order.reply = {
        "finding_note": given.finding_note, "method": given.method, "told_at": given.told_at.isoformat(),
        "points": given.points, "may_publish": given.may_publish, "department": given.department,
        "responsible": given.responsible, "deputy": given.deputy,
    }  # fmt: skip
    facts = {
        "finding": given.finding.value, "result": given.result.value, "on_time": order.reply_on_time,
        "may_publish": given.may_publish,
    }  # fmt: skip
    fields = {**order.reply, **facts, "due_at": order.reply_due_at}
    return await orders.finish(session, step, OrderReplied, note=given.points, fields=fields, facts=facts)
