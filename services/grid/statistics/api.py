"""Routes of the statistics."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.common.http.calls import QueryDep
from libs.common.http.route import command_router, permit
from services.grid.statistics import service
from services.grid.statistics.domain import INDICATORS
from services.grid.statistics.schemas import (
    FormulaList,
    FormulaRead,
    LineRead,
    SpotList,
    SpotRead,
    SpotsAsked,
    StatisticsAsked,
    StatisticsRead,
)

router = command_router("/grid/v1/statistics", tags=["statistics 统计"])

READ = permit("grid.statistics.read")


@router.get("", response_model=StatisticsRead, summary="统计 Statistics of a period", **READ)
async def read_statistics(asked: Annotated[StatisticsAsked, Query()], call: QueryDep) -> StatisticsRead:
    """Counts and rates inside the caller's areas, a line for each part. 期内计数与指标，限本人责任区域"""
    told = await service.add_up(
        call.session, asked.chosen, asked.period, call.principal, last_year=asked.last_year
    )
    return StatisticsRead(
        since=told.period.since, until=told.period.until, begins=told.begins, ends=told.ends,
        counted_to=told.counted_to, lines=[LineRead.model_validate(line) for line in told.lines],
    )  # fmt: skip


@router.get("/formulas", response_model=FormulaList, summary="指标口径 Formulas of the rates", **READ)
async def list_formulas(call: QueryDep) -> FormulaList:
    """Every rate with what is divided by what, and its source. 每项指标的分子、分母与出处"""
    return FormulaList(items=[FormulaRead.model_validate(one) for one in INDICATORS])


@router.get("/hot-spots", response_model=SpotList, summary="热点 Hot spots", **READ)
async def list_hot_spots(asked: Annotated[SpotsAsked, Query()], call: QueryDep) -> SpotList:
    """The same matter at the same place, again and again. 同一地点同类问题反复出现"""
    found = await service.hot_spots(
        call.session, asked.chosen, asked.period, call.principal, least=asked.least
    )
    return SpotList(items=[SpotRead.model_validate(spot) for spot in found])
