"""Routes of overviews."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import QueryDep
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from services.targets.overviews import service
from services.targets.overviews.schemas import (
    LightTableRead,
    ProgressRead,
    ReportingRead,
    UnitReportingRead,
    shown,
)

router = command_router("/targets/v1", tags=["overviews 总览"])

READ = permit("targets.progress.read")
AsOf = Annotated[Day | None, Query(description="截至日期；默认今天", examples=["2026-10-31"])]


def _day(as_of: date | None, call: QueryDep) -> date:
    return as_of or local_date(call.now)


@router.get(
    "/plans/{plan_id}/lights", response_model=LightTableRead, summary="亮灯表 Lights of a plan", **READ
)
async def plan_lights(plan_id: UUID, call: QueryDep, as_of: AsOf = None) -> LightTableRead:
    """Every target with light and verdict as of any day. 任一日期的亮灯与结论，含已结束的计划"""
    table = await service.lights(call.session, plan_id, _day(as_of, call), call.principal)
    return LightTableRead(
        plan_id=table.plan.id,
        code=table.plan.code,
        state=table.plan.state,
        as_of=table.as_of,
        lights=table.lights,
        verdicts=table.verdicts,
        items=[shown(each) for each in table.items],
    )


@router.get(
    "/plans/{plan_id}/reporting", response_model=ReportingRead, summary="填报情况 Who has reported", **READ
)
async def plan_reporting(plan_id: UUID, call: QueryDep, as_of: AsOf = None) -> ReportingRead:
    """What was due by the day, unit by unit, and what is missing. 应报、已报、未报"""
    day = _day(as_of, call)
    found = await service.reporting(call.session, plan_id, day, call.principal)
    return ReportingRead(as_of=day, items=[UnitReportingRead.model_validate(each) for each in found])


@router.get("/targets/{target_id}/progress", response_model=ProgressRead, summary="目标进度 Progress", **READ)
async def target_progress(
    target_id: UUID,
    call: QueryDep,
    as_of: AsOf = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码")] = None,
) -> ProgressRead:
    """How far it is, rolled up, and in each area that has a share of it. 汇总及分区域进度"""
    found = await service.progress_of(call.session, target_id, _day(as_of, call), area, call.principal)
    return ProgressRead(whole=shown(found.whole), areas=[shown(each) for each in found.areas])
