"""Routes of measures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.tasks.measures import service
from services.tasks.measures.domain import TargetCode, target_id
from services.tasks.measures.schemas import LinkWrite, MeasureRead
from services.tasks.measures.service import Linking, Measure, MeasureFilter, Show

router = command_router("/tasks/v1/measures", tags=["measures 举措"])

READ = permit("tasks.reference.read")
LINK = permit("tasks.measure.link")


async def _narrow(
    show: Annotated[Show, Query(description="列表范围")] = Show.ALL,
    plan: Annotated[str | None, Query(max_length=60, description="规划代码", examples=["sh-mh-2018"])] = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")] = None,
    unit_id: Annotated[UUID | None, Query(description="牵头、责任或配合单位")] = None,
    target: Annotated[TargetCode | None, Query(description="所支撑的指标代码")] = None,
    q: Annotated[str | None, Query(max_length=100, description="代码、名称检索")] = None,
) -> MeasureFilter:
    return MeasureFilter(show, plan, area, unit_id, target_id(target) if target else None, q)


@router.get("", response_model=Page[MeasureRead], summary="举措列表 List measures", **READ)
async def list_measures(
    call: QueryDep, paging: PageDep, narrow: Annotated[MeasureFilter, Depends(_narrow)]
) -> Slice[Measure]:
    """By code; also those without a unit or a deadline. 含未落实单位、未定期限的举措"""
    return await service.list_measures(call.session, narrow, paging)


@router.get("/{measure_id}", response_model=MeasureRead, summary="查看举措 Read a measure", **READ)
async def read_measure(measure_id: UUID, call: QueryDep) -> Measure:
    """One measure with the targets that it serves. 举措及其支撑的指标"""
    return await service.read(call.session, measure_id)


@router.put(
    "/{measure_id}/targets/{target_code}",
    response_model=MeasureRead,
    summary="核定计入数量 Say how much counts",
    **LINK,
)
async def set_link(
    measure_id: UUID, target_code: TargetCode, body: LinkWrite, expect: IfMatch, call: CommandDep
) -> Measure:
    """Without quantity and unit the measure only supports the target. 未填数量的仅为支撑，不计数"""
    given = Linking(body.link(target_code), body.note, expect)
    return await service.set_link(
        call.session, measure_id, given, viewer=call.principal, actor=call.actor, now=call.now
    )
