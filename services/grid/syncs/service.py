"""Use cases of a device's queue. Nothing here commits: the edge gives each case a transaction of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from fastapi import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import DomainError
from libs.common.events.feed import end_of_log
from libs.common.http.idempotency import Answer, Repeat, operation_of, store, stored_among
from libs.common.http.problems import refused_value
from libs.common.policy import Principal
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.intakes import service as intakes
from services.grid.intakes.service import Intake
from services.grid.lifecycle.domain import CaseState
from services.grid.patrols.service import PatrolItem
from services.grid.syncs import repository
from services.grid.syncs.domain import OperationReused, PriorFailed, PriorUnknown, inside


@dataclass(frozen=True)
class Outcome:
    """What came of an operation: the case as it has become, or the error and the case as it stands.

    Of a case that the caller may not see, neither version nor state is told. `made`: it made the case.
    """

    version: int | None = None
    state: str | None = None
    error: DomainError | None = None
    made: bool = False


REPORTED = Outcome(version=1, state=CaseState.REPORTED)
"""How a report leaves its case, unless it was put right on the spot; whenever it is asked again."""

Work = Callable[[AsyncSession, By], Awaitable[Outcome]]


@dataclass(frozen=True, eq=False)
class Operation:
    """One queued operation: what it asks, and the version it was made from or the operation before it.

    `plain`: a report that may be written together with others. `patrol_id`: of a check-in, which stands in
    line with the case of what was found, else with no case.
    """

    id: UUID
    case_id: UUID
    permission: str
    fingerprint: bytes
    work: Work
    base_version: int | None = None
    after: UUID | None = None
    plain: Intake | None = None
    patrol_id: UUID | None = None


@dataclass(frozen=True)
class Sender:
    """Whose queue it is, and when it came (UTC)."""

    viewer: Principal
    now: datetime

    def repeat(self, case_id: UUID, operation_id: UUID, asked: bytes = b"") -> Repeat:
        """Where the answer to the operation is stored."""
        return operation_of(self.viewer.subject, case_id, operation_id, asked)


def reporting(intake: Intake, permission: str) -> Operation:
    """A report as an operation: its id is the case's."""
    at_once = intake.report.self_handling is not None
    return Operation(
        id=intake.id,
        case_id=intake.id,
        permission=permission,
        fingerprint=intake.fingerprint,
        work=lambda session, by: report(session, intake),
        plain=None if at_once else intake,
    )


async def stepped(taken: Awaitable[Case | PatrolItem]) -> Outcome:
    """A step of the case, or a check-in."""
    done = await taken
    return Outcome(done.version, done.state)


async def report(session: AsyncSession, intake: Intake) -> Outcome:
    """A report the ordinary way: what it had made before is a repeat. Raises what `take_alone` raises."""
    received = await intakes.take_alone(session, intake)
    if received.made:
        return Outcome(received.case.version, received.case.state, made=True)
    # It came alone before: who stands behind it must say from which version.
    return Outcome(state=received.case.state) if intake.report.self_handling else REPORTED


async def take(
    session: AsyncSession, lane: Sequence[Operation], sender: Sender, done: Mapping[UUID, Outcome]
) -> list[Outcome]:
    """Take the operations of one case in, in order, each with its outcome. `done`: what was done before.

    The lock on the case makes whoever sends the same queue at the same moment wait, and find the answers.
    """
    case_id = lane[0].case_id
    case = await cases.held_or_new(session, case_id, sender.viewer)
    named = {one.id for one in lane} | {one.after for one in lane if one.after is not None}
    keys = {sender.repeat(case_id, each).key: each for each in named}
    answers = await stored_among(session, keys)
    outcomes = {keys[key]: _told(answer) for key, answer in answers.items()}
    if case is not None and case.reported_by == sender.viewer.subject and not case.self_handled:
        outcomes[case_id] = REPORTED
    outcomes |= done
    made = []
    for one in lane:
        repeat = sender.repeat(case_id, one.id, one.fingerprint)
        first = answers.get(repeat.key)
        outcome = await (
            _take(session, one, sender, outcomes) if first is None else _again(session, one, sender, first)
        )
        if outcome.error is None and repeat.key not in answers:
            answers[repeat.key] = await _keep(session, repeat, outcome, sender.now)
        outcomes[one.id] = outcome
        made.append(outcome)
    return made


def _told(answer: Answer) -> Outcome:
    return Outcome(**orjson.loads(answer.body))


async def _again(session: AsyncSession, one: Operation, sender: Sender, first: Answer) -> Outcome:
    """The outcome of the first time, whatever the case's version is now."""
    if first.fingerprint == one.fingerprint:
        return _told(first)
    error = OperationReused(operation=str(one.id))
    return await _refused(session, one, sender, error)


async def _keep(session: AsyncSession, repeat: Repeat, outcome: Outcome, now: datetime) -> Answer:
    told = orjson.dumps({"version": outcome.version, "state": outcome.state})
    await store(session, repeat, Response(told, media_type="application/json"), now)
    return Answer(repeat.fingerprint, told)


async def _take(
    session: AsyncSession, one: Operation, sender: Sender, outcomes: Mapping[UUID, Outcome]
) -> Outcome:
    """Do it; what is refused leaves nothing behind and says how the case stands."""
    try:
        version = _base(one, outcomes)
        actor = sender.viewer.actor(one.permission)
        with inside("/body"):
            async with session.begin_nested():
                outcome = await one.work(session, By(actor, sender.now, sender.viewer, version))
                await session.flush()
    except DomainError as error:
        return await _refused(session, one, sender, error)
    except DBAPIError as error:
        refused = refused_value(error)
        if refused is None:
            raise
        return await _refused(session, one, sender, refused)
    return outcome


def _base(one: Operation, outcomes: Mapping[UUID, Outcome]) -> int | None:
    """The version that it was made from. Raises `PriorFailed`, `PriorUnknown`."""
    if one.after is None:
        return one.base_version
    before = outcomes.get(one.after)
    if before is None:
        raise PriorUnknown(after=str(one.after))
    if before.error is not None or before.version is None:
        raise PriorFailed(after=str(one.after))
    return before.version


async def _refused(session: AsyncSession, one: Operation, sender: Sender, error: DomainError) -> Outcome:
    case = await cases.held(session, one.case_id, sender.viewer)
    return Outcome(case.version, case.state, error) if case else Outcome(error=error)


WINDOW = 2_000
"""Most events that one request looks at."""
FAR = 20_000
"""Who is further behind begins anew: a list of what is theirs costs less than what has passed."""
FIRST = UUID(int=0)


@dataclass(frozen=True)
class Seen:
    """How far a device has come: a position of the log, and while it lists what is there, the last id."""

    epoch: int
    position: int
    listing: UUID | None = None


@dataclass(frozen=True)
class Changes:
    """What has changed, in order; `anew`: what is not listed from here on is the viewer's no more."""

    cases: Sequence[Case]
    removed: Sequence[UUID]
    seen: Seen
    more: bool
    anew: bool = False


async def changes(session: AsyncSession, seen: Seen | None, viewer: Principal, limit: int) -> Changes:
    """What has changed for the viewer since (增量), at most `limit` cases.

    The end of the log is read before the cases are: what commits meanwhile, or is committed and not yet in
    the log, is told again or later, and never passed over.
    """
    head = await end_of_log(session)
    lost = seen is None or seen.epoch != head.epoch or not 0 <= head.position - seen.position <= FAR
    if seen is None or lost:
        seen = Seen(head.epoch, head.position, FIRST)
    if seen.listing is not None:
        return await _list(session, seen, viewer, limit, anew=lost)
    until = min(seen.position + WINDOW, head.position)
    rows = await repository.changed(session, viewer, (seen.position, until), limit + 1)
    full, rows = len(rows) > limit, rows[:limit]
    found = await _in_order(session, [row.id for row in rows if row.mine])
    removed = [row.id for row in rows if not row.mine]
    end = rows[-1].position if full else until
    return Changes(found, removed, Seen(seen.epoch, end), more=end < head.position)


async def _list(session: AsyncSession, seen: Seen, viewer: Principal, limit: int, *, anew: bool) -> Changes:
    """A page of what is the viewer's; behind the last one, what has changed since the first."""
    ids = await repository.listed(session, viewer, seen.listing or FIRST, limit + 1)
    more, ids = len(ids) > limit, ids[:limit]
    found = await _in_order(session, ids)
    after = Seen(seen.epoch, seen.position, ids[-1] if more else None)
    return Changes(found, [], after, more=more, anew=anew)


async def _in_order(session: AsyncSession, ids: Sequence[UUID]) -> list[Case]:
    found = await cases.many(session, ids)
    return [found[each] for each in ids]
