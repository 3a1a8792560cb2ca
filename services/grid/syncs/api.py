"""Routes of the inspectors' devices."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Query, Request, Response

from libs.common.errors import DomainError
from libs.common.http.calls import Caller, CallerDep, QueryDep
from libs.common.http.edge import Edge, edge_of
from libs.common.http.faults import InternalFault
from libs.common.http.languages import preferred
from libs.common.http.paging import MOST, Keyset
from libs.common.http.parsing import canonical_digest
from libs.common.http.problems import ContentInvalid, problem, status_of, validation_errors
from libs.common.http.route import GuardedRoute, command_router, permit
from libs.common.numbering import receipt_number
from libs.common.telemetry import described
from services.grid.cases.service import By, Case
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.service import Viewing
from services.grid.intakes import service as intakes
from services.grid.intakes.service import Taken, intake_of
from services.grid.lifecycle.domain import CaseState
from services.grid.syncs import service
from services.grid.syncs.domain import lanes
from services.grid.syncs.schemas import (
    CaseChanges,
    ChangedCase,
    CheckInQueued,
    OperationBatch,
    OperationOutcome,
    OperationOutcomes,
    Part,
    ReportQueued,
    StepQueued,
    Unreadable,
)
from services.grid.syncs.service import REPORTED, Operation, Outcome, Seen, Sender

router = command_router("/grid/v1", tags=["syncs 离线同步"])
_log = structlog.get_logger("http")

REPORT = "grid.case.report"
CURSOR = Keyset("changes", int, int, UUID | None)
LANES = 2
"""How many cases of one queue are worked on at once: one device must not take every connection."""

Item = ReportQueued | StepQueued | CheckInQueued | Unreadable


async def take_operations(body: OperationBatch, call: CallerDep, request: Request) -> Response:
    """Each as if it had come alone, in order within one case; the same queue again changes nothing more.

    One that is refused stops those `after` it and no other. 逐条执行；同一案件内按序；重复发送无副作用
    """
    edge, told = edge_of(request), await request.json()
    read = [_read(item, raw, call) for item, raw in zip(body.items, told["items"], strict=True)]
    outcomes = await _carried_out(edge, [one for one in read if not isinstance(one, Unreadable)], call)
    language = preferred(request.headers.get("accept-language"))
    shown = [
        _unreadable(one, language) if isinstance(one, Unreadable) else _shown(one, outcomes[one], language)
        for one in read
    ]
    return Response(OperationOutcomes(items=shown).model_dump_json(), media_type="application/json")


router.add_api_route(
    "/operations",
    take_operations,
    methods=["PUT"],
    response_model=OperationOutcomes,
    summary="离线队列 Send a device's queue",
    route_class_override=GuardedRoute,
    **permit("grid.case.sync"),
)


def _read(item: Item, raw: dict[str, Any], call: Caller) -> Operation | Unreadable:
    if isinstance(item, Unreadable):
        return item
    if isinstance(item, StepQueued):
        asked = canonical_digest([raw["action"], raw.get("body")])
        base = item.base_version, item.after
        return Operation(item.operation_id, item.case_id, item.permission, asked, item.work(), *base)
    if isinstance(item, CheckInQueued):
        asked = canonical_digest([raw["action"], raw["patrol_id"], raw["body"]])
        work, stands = item.work(), item.case_id
        made = Operation(item.operation_id, stands, item.permission, asked, work, after=item.after)
        return replace(made, patrol_id=item.patrol_id)
    by = By(call.principal.actor(REPORT), call.now, call.principal)
    asked = canonical_digest(raw["body"])
    return service.reporting(intake_of(item.operation_id, item.body, asked, by), REPORT)


async def _carried_out(edge: Edge, queue: Sequence[Operation], call: Caller) -> dict[Operation, Outcome]:
    """Reports together, then what remains of each case in a transaction of its own."""
    outcomes = await _together(edge, [one for one in queue if one.plain is not None])
    reported = {one.case_id: {one.id: outcome} for one, outcome in outcomes.items()}
    waiting = iter(lanes(one for one in queue if one not in outcomes))
    sender = Sender(call.principal, call.now)

    async def work() -> None:
        for lane in waiting:
            done = reported.get(lane[0].case_id, {})
            outcomes.update(zip(lane, await _lane(edge, lane, sender, done), strict=True))

    await asyncio.gather(*(work() for _ in range(LANES)))
    return outcomes


async def _together(edge: Edge, plain: Sequence[Operation]) -> dict[Operation, Outcome]:
    """What the intake at a rate settles; the others go the ordinary way."""
    if not plain:
        return {}
    coalescer = edge.coalescer("intakes", intakes.take)
    taken = await coalescer.do_all([one.plain for one in plain])
    return {
        one: replace(REPORTED, made=came.made)
        for one, came in zip(plain, taken, strict=True)
        if isinstance(came, Taken)
    }


async def _lane(
    edge: Edge, lane: Sequence[Operation], sender: Sender, done: Mapping[UUID, Outcome]
) -> list[Outcome]:
    """The operations of one case. What goes wrong with it as a whole is no other case's matter."""
    try:
        return await edge.database.transact(lambda session: service.take(session, lane, sender, done))
    except DomainError as error:
        return [Outcome(error=error)] * len(lane)
    except Exception as error:
        _log.error("internal_error", **described(error))
        return [Outcome(error=InternalFault())] * len(lane)


def _shown(one: Operation, outcome: Outcome, language: str) -> OperationOutcome:
    error = outcome.error
    done = 201 if outcome.made else 200
    return OperationOutcome(
        operation_id=one.id,
        case_id=None if one.case_id == one.patrol_id else one.case_id,
        patrol_id=one.patrol_id,
        status=done if error is None else status_of(error),
        version=outcome.version,
        state=outcome.state,
        receipt_number=receipt_number(one.case_id) if one.permission == REPORT and error is None else None,
        problem=error and problem(error, language),
    )


def _unreadable(one: Unreadable, language: str) -> OperationOutcome:
    """Pydantic names the kind of item first, which is no part of the item."""
    faults = [{**fault, "loc": ("body", *fault["loc"][1:])} for fault in one.error.errors()]
    error = ContentInvalid(count=len(faults))
    return OperationOutcome(
        operation_id=one.operation_id,
        case_id=one.case_id,
        status=status_of(error),
        version=None,
        state=None,
        problem=problem(error, language, errors=validation_errors(faults, language)),
    )


@router.get(
    "/changes",
    response_model=CaseChanges,
    summary="我的变化 What has changed for me",
    **permit("grid.case.sync"),
)
async def list_changes(
    call: QueryDep,
    since: Annotated[str | None, Query(max_length=1000, description="上次的 cursor；不给则从头列出")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="最多条数 most cases")] = MOST,
) -> CaseChanges:
    """Cases that I reported, handle, check or may begin; nothing that commits late is missed. 增量同步"""
    seen = None if since is None else Seen(*CURSOR.decode(since))
    found = await service.changes(call.session, seen, call.principal, limit)
    shown = await dossiers.items(call.session, found.cases, Viewing(call.principal, call.now))
    pairs = zip(found.cases, shown, strict=True)
    return CaseChanges(
        anew=found.anew,
        items=[ChangedCase(parts=_parts(case, call.principal.subject), case=item) for case, item in pairs],
        removed=list(found.removed),
        cursor=CURSOR.encode(found.seen.epoch, found.seen.position, found.seen.listing),
        more=found.more,
    )


def _parts(case: Case, subject: str) -> list[Part]:
    offered = case.state == CaseState.DISPATCHED and case.squad is not None and case.handler is None
    held = {
        Part.REPORTED: case.reported_by == subject,
        Part.HANDLING: case.handler == subject and case.ended_at is None,
        Part.CHECKING: case.checker == subject,
        Part.OFFERED: offered,
    }
    return [part for part, holds in held.items() if holds]
