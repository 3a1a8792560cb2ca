"""Routes of intake."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from libs.common.coalesce import Coalescer
from libs.common.errors import DomainError
from libs.common.http.calls import Caller, CallerDep, CommandDep
from libs.common.http.edge import Edge, edge_of
from libs.common.http.languages import preferred
from libs.common.http.lean import Lean, lean_route
from libs.common.http.parsing import canonical_digest
from libs.common.http.problems import problem
from libs.common.http.route import GuardedRoute, command_router, permit
from services.grid.cases.service import By, Case
from services.grid.intakes import service
from services.grid.intakes.schemas import (
    Receipt,
    ReportBatch,
    ReportOutcome,
    ReportOutcomes,
)
from services.grid.intakes.service import Intake, Taken, intake_of
from services.grid.requests import ReportCase

router = command_router("/grid/v1/cases", tags=["cases 案件"])
REPORT = permit("grid.case.report")


def _by(call: Caller) -> By:
    return By(call.actor, call.now, call.principal)


def _intakes(edge: Edge) -> Coalescer[Intake, Taken | None]:
    return edge.coalescer("intakes", service.take)


async def _together(asked: Lean) -> Response | None:
    """With whatever else comes at this moment; None for what has to go the ordinary way."""
    body = ReportCase.model_validate(asked.value)
    case_id = UUID(asked.request.path_params["case_id"])
    intake = intake_of(case_id, body, asked.fingerprint, _by(asked.caller))
    taken = await _intakes(asked.edge).do(intake)
    if taken is None:
        return None
    told = Receipt.model_validate(taken).model_dump_json()
    return Response(told, 201 if taken.made else 200, media_type="application/json")


async def report(case_id: UUID, body: ReportCase, call: CommandDep, response: Response) -> Case:
    """The id is the client's UUIDv7: sent again, the first receipt comes back. 以客户端 UUIDv7 为键"""
    intake = intake_of(case_id, body, call.fingerprint, _by(call))
    received = await service.take_alone(call.session, intake)
    response.status_code = 201 if received.made else 200
    return received.case


router.add_api_route(
    "/{case_id}",
    report,
    methods=["PUT"],
    response_model=Receipt,
    status_code=201,
    summary="上报 Report a case",
    responses={200: {"model": Receipt, "description": "The same report again: the first receipt (重复上报)"}},
    route_class_override=lean_route(_together),
    **REPORT,
)


async def report_many(body: ReportBatch, call: CallerDep, request: Request) -> Response:
    """Each as if it had come alone: one that is refused stops no other. 逐条受理，互不影响"""
    edge, told = edge_of(request), await request.json()
    intakes = [
        intake_of(item.id, item, _fingerprint(raw), _by(call))
        for item, raw in zip(body.items, told["items"], strict=True)
    ]
    taken = await _intakes(edge).do_all(intakes)
    language = preferred(request.headers.get("accept-language"))
    outcomes = [
        _outcome(one) if isinstance(one, Taken) else await _alone(edge, intake, language)
        for one, intake in zip(taken, intakes, strict=True)
    ]
    made = ReportOutcomes(items=outcomes)
    return Response(made.model_dump_json(), media_type="application/json")


router.add_api_route(
    "",
    report_many,
    methods=["PUT"],
    response_model=ReportOutcomes,
    summary="批量上报 Report several cases",
    route_class_override=GuardedRoute,
    **REPORT,
)


def _fingerprint(raw: dict[str, Any]) -> bytes:
    """Of the item as if it had come alone: its id stands in the path then."""
    return canonical_digest({name: value for name, value in raw.items() if name != "id"})


def _outcome(taken: Taken) -> ReportOutcome:
    receipt = Receipt.model_validate(taken)
    return ReportOutcome(id=taken.id, status=201 if taken.made else 200, receipt=receipt)


async def _alone(edge: Edge, intake: Intake, language: str) -> ReportOutcome:
    """One report in a transaction of its own."""
    try:
        received = await edge.database.transact(lambda session: service.take_alone(session, intake))
    except DomainError as error:
        document = problem(error, language)
        return ReportOutcome(id=intake.id, status=document["status"], problem=document)
    case = received.case
    return _outcome(Taken(case.id, case.receipt_number, case.reported_at, received.made))
