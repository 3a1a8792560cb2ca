"""Route of the batch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from fastapi import Request, Response

from libs.common.errors import DomainError
from libs.common.http.calls import Caller, CallerDep
from libs.common.http.edge import Edge, edge_of
from libs.common.http.faults import InternalFault
from libs.common.http.languages import preferred
from libs.common.http.parsing import canonical_digest
from libs.common.http.problems import problem, status_of
from libs.common.http.route import GuardedRoute, command_router, permit
from libs.common.telemetry import described
from services.grid.batches import service
from services.grid.batches.schemas import DispatchBatch, DispatchOne, DispatchOutcome, DispatchOutcomes
from services.grid.batches.service import PERMISSION, Asked
from services.grid.syncs import service as queue
from services.grid.syncs.domain import lanes
from services.grid.syncs.service import Operation, Outcome, Sender

router = command_router("/grid/v1", tags=["cases 案件"])
_log = structlog.get_logger("http")
LANES = 2
"""How many cases of one batch are worked on at once: one desk must not take every connection."""


async def dispatch_many(body: DispatchBatch, call: CallerDep, request: Request) -> Response:
    """Each as if it had come alone; one that is refused stops no other. 逐案派遣；重复发送无副作用"""
    edge = edge_of(request)
    asked = [service.operation_of(_asked(item)) for item in body.items]
    outcomes = await _carried_out(edge, asked, call)
    language = preferred(request.headers.get("accept-language"))
    shown = [_shown(one, outcomes[one], language) for one in asked]
    return Response(DispatchOutcomes(items=shown).model_dump_json(), media_type="application/json")


router.add_api_route(
    "/dispatches",
    dispatch_many,
    methods=["PUT"],
    response_model=DispatchOutcomes,
    summary="批量派遣 Dispatch many cases",
    route_class_override=GuardedRoute,
    **permit(PERMISSION),
)


def _asked(item: DispatchOne) -> Asked:
    told = canonical_digest(item.model_dump(mode="json", include={"body", "partners"}))
    partners = tuple(given.partner() for given in item.partners)
    return Asked(item.operation_id, item.case_id, item.base_version, item.body.order(), partners, told)


async def _carried_out(edge: Edge, asked: Sequence[Operation], call: Caller) -> dict[Operation, Outcome]:
    """Each case in a transaction of its own."""
    outcomes: dict[Operation, Outcome] = {}
    waiting, sender = iter(lanes(asked)), Sender(call.principal, call.now)

    async def work() -> None:
        for lane in waiting:
            outcomes.update(zip(lane, await _lane(edge, lane, sender), strict=True))

    await asyncio.gather(*(work() for _ in range(LANES)))
    return outcomes


async def _lane(edge: Edge, lane: Sequence[Operation], sender: Sender) -> list[Outcome]:
    """What goes wrong with one case as a whole is no other case's matter."""
    try:
        return await edge.database.transact(lambda session: queue.take(session, lane, sender, {}))
    except DomainError as error:
        return [Outcome(error=error)] * len(lane)
    except Exception as error:
        _log.error("internal_error", **described(error))
        return [Outcome(error=InternalFault())] * len(lane)


def _shown(one: Operation, outcome: Outcome, language: str) -> DispatchOutcome:
    error = outcome.error
    return DispatchOutcome(
        operation_id=one.id,
        case_id=one.case_id,
        status=200 if error is None else status_of(error),
        version=outcome.version,
        state=outcome.state,
        problem=error and problem(error, language),
    )
