"""Use cases of a hotline: enter an order, tell more of it, answer, call back, have it done again; be told.

Nothing here commits. Who calls by the number of a repeat means the first order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.orders import (
    ORDERS,
    OrderCalledBack,
    OrderExtended,
    OrderExtensionRefused,
    OrderLinked,
    OrderRedone,
    OrderRepeated,
    OrderReturned,
    OrderReturnRefused,
    OrderSupplemented,
    OrderUrged,
)
from libs.common.errors import DomainError
from libs.common.events import feed
from libs.common.events.feed import Fact, FeedCursor
from libs.common.events.models import History
from libs.common.ids import new_id
from libs.common.policy import Principal, sees_area
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case, ReporterGiven
from services.grid.catalogue import service as catalogue
from services.grid.closings import service as closings
from services.grid.dispatches import service as dispatches
from services.grid.hotlines import repository
from services.grid.hotlines.domain import (
    REPEATABLE,
    ExtensionNotAsked,
    HotlineUnknown,
    OrderExists,
    Words,
    caller_key,
    read_words,
    same_matter,
)
from services.grid.hotlines.models import HotlineCursor
from services.grid.lifecycle.domain import LIFE as CASE_LIFE
from services.grid.lifecycle.domain import OPEN as OPEN_CASES
from services.grid.lifecycle.domain import CaseAction, CaseState
from services.grid.orders import service as orders
from services.grid.orders.domain import Extension, OrderAction
from services.grid.orders.service import HotlineOrder
from services.grid.reports import service as reports
from services.grid.reports.domain import GivenPlace, Report, check_told
from services.grid.rules import service as rules
from services.grid.rules.domain import Rules
from services.grid.terms.service import terms


@dataclass(frozen=True)
class Number:
    """Which order, as the hotline says it (工单编号)."""

    channel: str
    number: str


@dataclass(frozen=True)
class Entry:
    """An order as the hotline tells it (热线工单). `received_at`: by the hotline, UTC."""

    kind: str
    category: str
    description: str
    received_at: datetime
    place: GivenPlace
    caller: ReporterGiven | None = None
    source: str | None = None
    repeat_of: str | None = None
    new_facts: bool = False
    raw: str | None = None


@dataclass(frozen=True)
class Entered:
    """The order and whether this request made it."""

    order: HotlineOrder
    made: bool


async def enter(session: AsyncSession, named: Number, given: Entry, *, fingerprint: bytes, by: By) -> Entered:
    """Take an order in with its case (接收工单); the same body again finds the first one.

    The same caller's same matter is linked to the first order and makes no case. Raises `OrderExists`,
    `HotlineUnknown`, and what `reports.report` raises.
    """
    await repository.lock_number(session, named.channel, named.number)
    known = await orders.by_number(session, named.channel, named.number)
    if known is not None:
        outside = by.viewer is not None and not sees_area(by.viewer, known.area)
        if outside or known.fingerprint != fingerprint:
            raise OrderExists(number=named.number)
        return Entered(known, made=False)
    limits = await rules.rules(session)
    require_hotline(limits, named.channel)
    words = await _words(session, limits, named.channel, given)
    report = _report(named, given, words)
    check_told(report, limits, by.viewer, by.now)
    first = await _first(session, named, given, by)
    if first is not None:
        order = await _open(session, named, given, (words, first.case_id, first.area, fingerprint), by)
        return Entered(await _link(session, order, first, by), made=True)
    received = await reports.report(session, new_id(), report, given.caller, fingerprint=fingerprint, by=by)
    case = received.case
    order = await _open(session, named, given, (words, case.id, case.area, fingerprint), by, made=case)
    return Entered(order, made=True)


def require_hotline(limits: Rules, channel: str) -> None:
    """Raise `HotlineUnknown` for a channel that passes no orders on."""
    if channel not in limits.hotlines().channels:
        raise HotlineUnknown(channel=channel)


async def _words(session: AsyncSession, limits: Rules, channel: str, given: Entry) -> Words:
    """A category that is mapped to what is not in force counts as unknown: no order is dropped for it."""
    words = read_words(limits, channel, given.kind, given.category)
    try:
        await catalogue.category_in_force(session, words.category, local_date(given.received_at))
    except DomainError:
        return Words(words.kind, words.kind_known, limits.hotlines().category, category_known=False)
    return words


def _report(named: Number, given: Entry, words: Words) -> Report:
    return Report(
        channel=named.channel,
        category=words.category,
        description=given.description,
        found_at=given.received_at,
        place=given.place,
        source_number=named.number,
    )


async def _first(session: AsyncSession, named: Number, given: Entry, by: By) -> HotlineOrder | None:
    """The order that this one repeats without new facts: by the hotline's word, or by caller and matter."""
    if given.new_facts:
        return None
    first = None
    if given.repeat_of is not None:
        first = await orders.by_number(session, named.channel, given.repeat_of)
        if first is not None and first.first_id is not None:
            first = await orders.get(session, first.first_id)
    key = caller_key(given.caller.phone if given.caller else None)
    if first is None and key is not None:
        earlier = await orders.list_of_caller(session, key)
        first = same_matter(earlier, given.category, given.place.address)
    if first is None or first.state not in REPEATABLE:
        return None
    return first if by.viewer is None or sees_area(by.viewer, first.area) else None


async def _open(
    session: AsyncSession,
    named: Number,
    given: Entry,
    found: tuple[Words, UUID, str, bytes],
    by: By,
    made: Case | None = None,
) -> HotlineOrder:
    words, case_id, area, fingerprint = found
    known = await terms(session)
    kind = known.rules.orders[words.kind]
    contact, reply = (kind.contact.limit, kind.reply.limit)
    case = made or await cases.get(session, case_id)
    assert case is not None, "an order has a case"
    order = HotlineOrder(
        channel=named.channel, number=named.number, fingerprint=fingerprint,
        case_id=case_id, made_case_id=made.id if made else None, case_state=case.state, area=area,
        kind=words.kind, kind_known=words.kind_known, category_known=words.category_known,
        hotline_kind=given.kind, hotline_category=given.category, source=given.source,
        repeat_of=given.repeat_of, claim_address=given.place.address,
        caller_key=caller_key(given.caller.phone if given.caller else None), raw=given.raw,
        received_at=given.received_at, entered_at=by.now, entered_by=by.actor.subject,
        clock_started_at=by.now, contact_due_at=known.due(by.now, contact),
        reply_due_at=known.due(by.now, reply),
        return_due_at=known.due(by.now, known.rules.limit("return")),
    )  # fmt: skip
    return await orders.open_order(session, order, by)


async def _link(session: AsyncSession, order: HotlineOrder, first: HotlineOrder, by: By) -> HotlineOrder:
    """The repeat ends here; the first one counts it and goes on (重复工单)."""
    unversioned = By(by.actor, by.now)
    again = orders.begin(await orders.locked(session, first.id, unversioned), OrderAction.REPEAT, by)
    again.order.repeat_count += 1
    said = {"number": order.number}
    await orders.finish(session, again, OrderRepeated, fields=said)
    step = orders.begin(order, OrderAction.LINK, by)
    order.first_id, order.repeat_count = first.id, 0
    fields = {"first": first.number, "repeats": first.repeat_count}
    return await orders.finish(session, step, OrderLinked, fields=fields, facts={"first_id": first.id})


async def addressed(session: AsyncSession, named: Number, by: By) -> UUID:
    """The id of the order that is meant. Raises `OrderNotFound`."""
    assert by.viewer is not None, "a hotline asks"
    order = await orders.find_by_number(session, named.channel, named.number, by.viewer)
    return order.first_id or order.id


async def supplement(session: AsyncSession, named: Number, *, text: str, by: By) -> HotlineOrder:
    """The caller told more (补充); who has the case is told."""
    order, case = await _both(session, named, by)
    step = orders.begin(order, OrderAction.SUPPLEMENT, by)
    if _case_allows(case, CaseAction.SUPPLEMENT):
        await dispatches.supplement(session, case.id, text=text, photos=(), by=By(by.actor, by.now))
    return await orders.finish(session, step, OrderSupplemented, note=text)


async def urge(session: AsyncSession, named: Number, *, note: str, by: By) -> HotlineOrder:
    """The caller urges (催办); who has the case is urged."""
    order, case = await _both(session, named, by)
    step = orders.begin(order, OrderAction.URGE, by)
    order.urge_count += 1
    if _case_allows(case, CaseAction.URGE):
        await dispatches.urge(session, case.id, note=note, by=By(by.actor, by.now))
    return await orders.finish(session, step, OrderUrged, note=note)


async def _both(session: AsyncSession, named: Number, by: By) -> tuple[HotlineOrder, Case]:
    return await orders.locked_with_case(session, await addressed(session, named, by), by)


def _case_allows(case: Case, action: CaseAction) -> bool:
    return action in CASE_LIFE.allowed(CaseState(case.state))


async def decide_return(
    session: AsyncSession, named: Number, *, granted: bool, note: str | None, by: By
) -> HotlineOrder:
    """The hotline takes it back, or does not (退单答复). What goes back leaves no case behind."""
    order, case = await _both(session, named, by)
    action = OrderAction.GRANT_RETURN if granted else OrderAction.REFUSE_RETURN
    step = orders.begin(order, action, by)
    if granted and case.id == order.made_case_id and case.state in OPEN_CASES:
        why = closings.Reason("returned-to-source", note or "热线同意退单")
        await closings.void(session, case.id, why, by=By(cases.GRID, by.now))
        order.case_state = case.state
    event = OrderReturned if granted else OrderReturnRefused
    return await orders.finish(session, step, event, note=note)


async def decide_extension(
    session: AsyncSession, named: Number, *, granted: bool, note: str | None, by: By
) -> HotlineOrder:
    """The hotline grants the limit of complex matters, or does not (延期答复). Raises `ExtensionNotAsked`."""
    order = await orders.locked(session, await addressed(session, named, by), by)
    action = OrderAction.GRANT_EXTENSION if granted else OrderAction.REFUSE_EXTENSION
    step = orders.begin(order, action, by)
    if order.extension != Extension.ASKED:
        raise ExtensionNotAsked
    order.extension = Extension.GRANTED if granted else Extension.REFUSED
    if granted and order.reply_due_at is not None:
        await orders.start_reply_clock(session, order, order.clock_started_at)
    event = OrderExtended if granted else OrderExtensionRefused
    return await orders.finish(session, step, event, note=note, fields={"due_at": order.reply_due_at})


@dataclass(frozen=True)
class CallBack:
    """What the caller says of it (回访); None: not asked, not evaluated."""

    contacted: bool | None
    satisfaction: str | None
    reason: str | None = None


async def call_back(session: AsyncSession, named: Number, given: CallBack, *, by: By) -> HotlineOrder:
    """The hotline has asked the caller (回访): the order is closed until it is sent back."""
    order = await orders.locked(session, await addressed(session, named, by), by)
    step = orders.begin(order, OrderAction.CALL_BACK, by)
    order.called_back_at, order.contact_confirmed = by.now, given.contacted
    order.satisfaction, order.dissatisfied_reason = given.satisfaction, given.reason
    said = {"contacted": given.contacted, "satisfaction": given.satisfaction}
    return await orders.finish(session, step, OrderCalledBack, note=given.reason, fields=said, facts=said)


async def redo(session: AsyncSession, named: Number, *, reason: str, by: By) -> HotlineOrder:
    """The hotline has it handled again (重办): its case is reopened, with the limit of re-handling."""
    order, case = await _both(session, named, by)
    step = orders.begin(order, OrderAction.REDO, by)
    limits = await rules.rules(session)
    if case.state not in OPEN_CASES:
        unguarded = By(by.actor, by.now)
        await closings.reopen(session, case.id, reason=reason, by=unguarded, limit=limits.limit("redo"))
    order.round, order.extension, order.case_state = order.round + 1, None, case.state
    order.replied_at = order.reply_on_time = order.finding = order.result = order.reply = None
    order.called_back_at = order.contact_confirmed = order.satisfaction = order.dissatisfied_reason = None
    order.interim_at = None
    await orders.start_reply_clock(session, order, by.now)
    fields = {"round": order.round, "due_at": order.reply_due_at}
    return await orders.finish(session, step, OrderRedone, note=reason, fields=fields)


@dataclass(frozen=True)
class Change:
    """What a hotline is told of one of its orders (反馈热线的变化)."""

    fact: Fact
    order: HotlineOrder
    repeats: Sequence[str]
    step: History | None


SILENT = frozenset({"taken", "accused-named", "marked", "restated"})
"""What concerns the centre alone."""


async def changes(
    session: AsyncSession, viewer: Principal, channel: str, after: FeedCursor | None, limit: int
) -> tuple[list[Change], FeedCursor, bool]:
    """What is new of the hotline's orders behind the cursor, else behind what it has acknowledged; the next
    cursor; whether there may be more.

    So many events are looked through, whosever they are: a page may be empty and yet not the last.
    """
    require_hotline(await rules.rules(session), channel)
    if after is None:
        acknowledged = await repository.get_cursor(session, channel)
        after = FeedCursor(acknowledged.epoch, acknowledged.position) if acknowledged else FeedCursor()
    facts, cursor = await feed.read_on(session, ORDERS.name, after, limit)
    told = [fact for fact in facts if fact.verb not in SILENT and not fact.restatement]
    ids = list({fact.aggregate_id for fact in told})
    found = {
        order.id: order
        for order in await orders.list_by_ids(session, ids)
        if order.channel == channel and sees_area(viewer, order.area)
    }
    told = [fact for fact in told if fact.aggregate_id in found]
    keys = [(fact.aggregate_id, fact.version) for fact in told]
    steps = {(row.aggregate_id, row.version): row for row in await repository.list_steps(session, keys)}
    repeats = await orders.repeats_of(session, list(found))
    made = [
        Change(fact, found[fact.aggregate_id], repeats.get(fact.aggregate_id, ()), steps.get(key))
        for fact, key in zip(told, keys, strict=True)
    ]
    return made, cursor, len(facts) == limit


async def acknowledge(session: AsyncSession, channel: str, upto: FeedCursor, by: By) -> None:
    """The hotline has everything up to there (确认): unasked, the feed goes on behind it."""
    require_hotline(await rules.rules(session), channel)
    await repository.move_cursor(session, channel, upto, by.actor.subject, by.now)


async def acknowledgements(session: AsyncSession) -> Sequence[HotlineCursor]:
    """How far each hotline has acknowledged, and when."""
    return await repository.list_cursors(session)
