"""Routes of what the reporter may still do."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.coordinates import Crs
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.reports import service
from services.grid.reports.domain import Correction, GivenPlace
from services.grid.reports.schemas import NearCase, NearCases
from services.grid.requests import CorrectCase, WithdrawCase

router = command_router("/grid/v1/cases", tags=["cases 案件"])


@router.get(
    "/near", response_model=NearCases, summary="疑似重复提示 What is near", **permit("grid.case.report")
)
async def near(
    call: QueryDep,
    category: Annotated[str, Query(pattern=r"^[0-9]{4}$", description="类别代码", examples=["0202"])],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[121.4737])],
    lat: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[31.2304])],
    crs: Annotated[Crs, Query(description="坐标系，必填 coordinate system, required", examples=["WGS84"])],
) -> NearCases:
    """Open, of the same category, within the distance and time of the rule `duplicate`. 上报前提示"""
    found = await service.near(call.session, category, (lon, lat, crs), viewer=call.principal, now=call.now)
    shown = {"distance_m", "mine"}
    return NearCases(
        items=[
            NearCase(
                **{key: getattr(case, key) for key in NearCase.model_fields if key not in shown},
                distance_m=round(metres, 1),
                mine=case.reported_by == call.principal.subject,
            )
            for case, metres in found
        ]
    )


@router.post(
    "/{case_id}/correct", response_model=CaseRead, summary="更正 Correct", **permit("grid.case.correct")
)
async def correct(case_id: UUID, body: CorrectCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """By who reported it, before acceptance. 受理前由上报人更正"""
    given = Correction(
        category=body.category, description=body.description, found_at=body.found_at,
        place=GivenPlace(**body.place.told()) if body.place else None, photos=tuple(body.photos),
        form=body.form.given() if body.form else None,
    )  # fmt: skip
    by = By(call.actor, call.now, call.principal, version)
    case = await service.correct(call.session, case_id, given, reason=body.reason, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/{case_id}/withdraw", response_model=CaseRead, summary="撤回 Withdraw", **permit("grid.case.withdraw")
)
async def withdraw(case_id: UUID, body: WithdrawCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """By who reported it, before acceptance. 受理前由上报人撤回"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.withdraw(call.session, case_id, reason=body.reason, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
