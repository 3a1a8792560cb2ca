"""Routes of intake."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By, Case
from services.grid.cases.service import ReporterGiven as Teller
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.reports import service
from services.grid.reports.domain import Correction, GivenPlace, Report, SelfHandling
from services.grid.reports.schemas import CorrectCase, PlaceGiven, Reason, Receipt, ReportCase

router = command_router("/grid/v1/cases", tags=["cases 案件"])


def _place(given: PlaceGiven) -> GivenPlace:
    point = given.point
    return GivenPlace(
        lon=point.lon if point else None, lat=point.lat if point else None,
        crs=point.crs if point else None, area=given.area, estate_id=given.estate_id,
        address=given.address, inside_wall=given.inside_wall,
    )  # fmt: skip


def _report(body: ReportCase) -> Report:
    at_once = body.self_handled
    return Report(
        channel=body.channel,
        category=body.category,
        description=body.description,
        found_at=body.found_at,
        place=_place(body.place),
        photos=tuple(body.photos),
        source_number=body.source_number,
        self_handling=SelfHandling(at_once.standard, tuple(at_once.photos), at_once.note, at_once.outcome)
        if at_once
        else None,
    )


@router.put(
    "/{case_id}",
    response_model=Receipt,
    status_code=201,
    summary="上报 Report a case",
    responses={200: {"model": Receipt, "description": "The same report again: the first receipt (重复上报)"}},
    **permit("grid.case.report"),
)
async def report(case_id: UUID, body: ReportCase, call: CommandDep, response: Response) -> Case:
    """The id is the client's UUIDv7: sent again, the first receipt comes back. 以客户端 UUIDv7 为键"""
    told = body.reporter
    teller = Teller(told.name, told.phone, told.secret, told.consent) if told else None
    by = By(call.actor, call.now, call.principal)
    received = await service.report(
        call.session, case_id, _report(body), teller, fingerprint=call.fingerprint, by=by
    )
    response.status_code = 201 if received.made else 200
    return received.case


@router.post(
    "/{case_id}/correct", response_model=CaseRead, summary="更正 Correct", **permit("grid.case.correct")
)
async def correct(case_id: UUID, body: CorrectCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """By who reported it, before acceptance. 受理前由上报人更正"""
    given = Correction(
        category=body.category, description=body.description, found_at=body.found_at,
        place=_place(body.place) if body.place else None, photos=tuple(body.photos),
    )  # fmt: skip
    by = By(call.actor, call.now, call.principal, version)
    case = await service.correct(call.session, case_id, given, reason=body.reason, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/{case_id}/withdraw", response_model=CaseRead, summary="撤回 Withdraw", **permit("grid.case.withdraw")
)
async def withdraw(case_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> CaseRead:
    """By who reported it, before acceptance. 受理前由上报人撤回"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.withdraw(call.session, case_id, reason=body.reason, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
