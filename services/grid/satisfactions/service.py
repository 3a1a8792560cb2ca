"""Use cases of satisfaction. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CaseKeptClosed, CaseRated
from libs.common.numbering import NumberInvalid, read_receipt
from services.grid.acceptances import service as acceptances
from services.grid.cases import service as cases
from services.grid.cases.domain import CaseNotFound
from services.grid.cases.service import By, Case
from services.grid.lifecycle.domain import CaseAction
from services.grid.satisfactions import repository
from services.grid.satisfactions.domain import (
    Decision,
    NothingDissatisfied,
    RatedAlready,
    Satisfaction,
    Via,
    check_in_time,
    ends_with,
    via_of,
)
from services.grid.satisfactions.models import Rating as Rating
from services.grid.terms.service import terms


@dataclass(frozen=True)
class Told:
    """What is said (评价); None: asked, and not evaluated."""

    satisfaction: Satisfaction | None
    comment: str | None = None


async def rate(session: AsyncSession, case_id: UUID, told: Told, *, by: By) -> Case:
    """Rate the present round of an ended case (满意度评价), once, as its reporter or after a call-back.

    Of a merged case the one is rated into which it went. Answers the case whose reporter says so. Raises
    `NotYoursToRate`, `RatedTooLate`, `RatedAlready`.
    """
    own = await cases.locked(session, case_id, by)
    rated = await acceptances.going_on(session, own, by.now)
    await _rate(session, own, rated, via_of(own, rated, by.actor), told, by)
    return own


async def rate_by_receipt(session: AsyncSession, receipt: str, tail: str, told: Told, *, by: By) -> Rating:
    """The same by who holds the receipt number and knows the reporter's telephone (凭回执号评价).

    A wrong number and a wrong telephone are told alike. Raises `CaseNotFound`, `RatedTooLate`,
    `RatedAlready`.
    """
    assert by.viewer is not None, "a person or the public's system asks"
    try:
        found = await cases.find_by_number(session, read_receipt(receipt), by.viewer, by.now)
    except NumberInvalid:
        raise CaseNotFound from None
    reporter = await cases.reporter_of(session, found.id)
    if reporter is None or not ends_with(reporter.phone, tail):
        raise CaseNotFound
    own = await cases.locked(session, found.id, by)
    rated = await acceptances.going_on(session, own, by.now)
    return await _rate(session, own, rated, Via.RECEIPT, told, by)


async def rate_by_link(session: AsyncSession, case_id: UUID, told: Told, *, by: By) -> Rating:
    """The same by who was sent a link to the case (凭链接评价). Raises `RatedTooLate`, `RatedAlready`."""
    own = await cases.locked(session, case_id, by)
    rated = await acceptances.going_on(session, own, by.now)
    return await _rate(session, own, rated, Via.LINK, told, by)


async def _rate(session: AsyncSession, own: Case, rated: Case, via: Via, told: Told, by: By) -> Rating:
    step = cases.begin(rated, CaseAction.RATE, by)
    assert rated.ended_at is not None, "what is closed says since when"
    found = await terms(session)
    check_in_time(found.due(rated.ended_at, found.rules.limit("rating")), by.now)
    former = await repository.list_of_case(session, rated.id)
    if any((row.round, row.told_by) == (rated.round, own.id) for row in former):
        raise RatedAlready
    row = Rating(
        case_id=rated.id, round=rated.round, told_by=own.id, area=rated.area, via=via,
        satisfaction=told.satisfaction, comment=told.comment, rated_by=by.actor.subject, rated_at=by.now,
    )  # fmt: skip
    await repository.add(session, row)
    facts = {"satisfaction": told.satisfaction, "via": via.value, "told_by": own.id}
    # The comment is the reporter's own words: it stays in its row, which can be erased.
    await cases.finish(session, step, CaseRated, fields=facts, facts=facts)
    return row


async def keep_closed(session: AsyncSession, case_id: UUID, *, note: str, by: By) -> Case:
    """It stays closed although its reporter is dissatisfied (维持结案). Raises `NothingDissatisfied`."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.KEEP_CLOSED, by)
    if not await settle(session, case, Decision.KEPT, by):
        raise NothingDissatisfied
    return await cases.finish(session, step, CaseKeptClosed, note=note)


async def settle(session: AsyncSession, case: Case, decision: Decision, by: By) -> int:
    """It has been decided on who is dissatisfied with the case (复核). Answers how many they are."""
    rows = await repository.list_of_case(session, case.id)
    waiting = [row for row in rows if row.satisfaction == Satisfaction.DISSATISFIED and row.decision is None]
    for row in waiting:
        row.decision, row.decided_by, row.decided_at = decision, by.actor.subject, by.now
    return len(waiting)


async def ratings_of(session: AsyncSession, case: Case) -> Sequence[Rating]:
    """Every rating of the case."""
    return await repository.list_of_case(session, case.id)


dissatisfied = repository.list_dissatisfied
"""Statement that the routes need as it is."""
