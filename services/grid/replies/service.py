"""Use cases of a unit's replies: each finds the case of the handover and takes the case's own step.

The handover decides what applies; a reply that no longer fits the case stands in the handover's steps.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.handover import (
    Answered,
    ExtensionAsked,
    FirstContactMade,
    Progressed,
    ReturnAsked,
    Signed,
    Step,
)
from libs.common.errors import DomainError
from libs.common.handover.models import OutgoingHandover
from libs.common.policy import Actor, Role
from services.grid.cases import service as cases
from services.grid.cases.domain import CaseNotFound
from services.grid.cases.service import By, Case
from services.grid.deferrals import service as deferrals
from services.grid.deferrals.domain import DeferralKind
from services.grid.deferrals.service import Asked
from services.grid.dispatches import service as dispatches
from services.grid.disposals import service as disposals
from services.grid.disposals.domain import Answer
from services.grid.disposals.service import Return
from services.grid.joints import service as joints
from services.grid.joints.domain import said_of
from services.grid.lifecycle.domain import LIFE, CaseAction, CaseState

NOT_OUR_DUTY = "not-our-duty"
"""The reason code of a unit's return (非本单位职责)."""


def by_of(handover: OutgoingHandover, event: Step, now: datetime) -> By:
    """Who says it, and when it takes effect."""
    return By(Actor(event.by, event.role or Role.UNIT_CLERK, handover.unit_id), now)


async def case_for(
    session: AsyncSession, handover: OutgoingHandover, action: CaseAction, by: By
) -> Case | None:
    """The case, locked, if this is its present handover and the step fits."""
    try:
        case = await cases.locked(session, handover.subject_id, by)
    except CaseNotFound:
        return None
    fits = (CaseState(case.state), action) in LIFE.table
    return case if case.handover_id == handover.id and fits else None


async def signed(session: AsyncSession, handover: OutgoingHandover, event: Signed, now: datetime) -> None:
    """The unit has signed (签收)."""
    by = by_of(handover, event, now)
    if not handover.lead:
        await joints.signed(session, handover, by)
        return
    case = await case_for(session, handover, CaseAction.START, by)
    if case is not None:
        await disposals.signed(session, case, by)


async def contacted(
    session: AsyncSession, handover: OutgoingHandover, event: FirstContactMade, now: datetime
) -> None:
    """First contact was made, or was not (先行联系)."""
    by = by_of(handover, event, now)
    if not handover.lead:
        await joints.contacted(session, handover, event, by)
        return
    case = await case_for(session, handover, CaseAction.PROGRESS, by)
    if case is not None:
        await disposals.progressed(session, case, said_of(event), (), by)


async def progressed(
    session: AsyncSession, handover: OutgoingHandover, event: Progressed, now: datetime
) -> None:
    """The unit says how far it is (进展)."""
    by = by_of(handover, event, now)
    if not handover.lead:
        await joints.progressed(session, handover, event, by)
        return
    case = await case_for(session, handover, CaseAction.PROGRESS, by)
    if case is not None:
        if event.arrived_at is not None:
            await dispatches.arrived(session, case, event.arrived_at)
        photos = tuple(ref.hash for ref in event.media)
        await disposals.progressed(session, case, event.note, photos, by)


async def returned(
    session: AsyncSession, handover: OutgoingHandover, event: ReturnAsked, now: datetime
) -> None:
    """The unit returns it: to the dispatcher's queue (退单)."""
    by = by_of(handover, event, now)
    if not handover.lead:
        await joints.returned(session, handover, event.note, by)
        return
    case = await case_for(session, handover, CaseAction.RETURN, by)
    if case is not None:
        await disposals.given_back(session, case, Return(NOT_OUR_DUTY, event.note), by)


async def extension_asked(
    session: AsyncSession, handover: OutgoingHandover, event: ExtensionAsked, now: datetime
) -> None:
    """The unit asks for more time (申请延期). What counts is when it asked."""
    by = by_of(handover, event, min(now, event.happened_at))
    if handover.lead:
        case = await case_for(session, handover, CaseAction.ASK_EXTENSION, by)
    else:
        case = await joints.asking(session, handover, by)
    grid = By(cases.GRID, now)
    if case is None:
        await deferrals.refuse_unit(session, handover.id, "案件当前不能延期", grid)
        return
    asked = Asked(DeferralKind.EXTENSION, event.note, event.until, None if handover.lead else handover.id)
    try:
        await deferrals.ask_for(session, case, asked, by)
    except DomainError as refused:
        await deferrals.refuse_unit(session, handover.id, refused.text("zh"), grid)


async def answered(session: AsyncSession, handover: OutgoingHandover, event: Answered, now: datetime) -> None:
    """The unit answers with its evidence (反馈): on to the check. Who answered may not check it."""
    by = by_of(handover, event, now)
    if not handover.lead:
        await joints.answered(session, handover, event, by)
        return
    case = await case_for(session, handover, CaseAction.ANSWER, by)
    if case is None:
        return
    case.handlers = sorted({*case.handlers, event.by})
    photos = tuple(ref.hash for ref in event.outcome.media)
    row = await dispatches.current(session, case.id)
    if row is not None:
        row.finished_at = event.finished_at
    given = Answer(event.outcome.result, event.outcome.summary, photos, event.happened_at)
    await disposals.answered(session, case, given, by)
