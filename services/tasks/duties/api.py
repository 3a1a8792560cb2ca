"""Routes of the duty list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.areas import ancestors_of
from libs.common.clocks import local_date
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from libs.common.policy import require_area
from services.tasks.duties import service
from services.tasks.duties.models import Duty
from services.tasks.duties.schemas import DutyChange, DutyCreate, DutyRead

router = command_router("/tasks/v1/duties", tags=["duties 职责清单"])

READ = permit("tasks.reference.read")
WRITE = permit("tasks.reference.write")

Narrow = Callable[[date], service.DutyFilter]


async def _narrow(
    category: Annotated[str | None, Query(max_length=10, description="类别代码")] = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码，及其上级")] = None,
    unit_id: Annotated[UUID | None, Query(description="牵头或配合单位")] = None,
    on: Annotated[Day | None, Query(description="在该日有效；默认今天")] = None,
    ended: Annotated[bool, Query(description="包括已停用条目")] = False,
) -> Narrow:
    areas = (*ancestors_of(area), area) if area else None
    return lambda today: service.DutyFilter(category, areas, unit_id, None if ended else on or today)


@router.get("", response_model=Page[DutyRead], summary="职责清单 List duties", **READ)
async def list_duties(
    call: QueryDep, paging: PageDep, narrow: Annotated[Narrow, Depends(_narrow)]
) -> Slice[Duty]:
    """Rows that hold today, for an area those around it too. 默认只列现行条目"""
    return await service.list_duties(call.session, narrow(local_date(call.now)), paging)


@router.get("/{duty_id}", response_model=DutyRead, summary="查看职责 Read a duty", **READ)
async def read_duty(duty_id: UUID, call: QueryDep) -> Duty:
    """One row, ended ones too. 查看条目（含已停用）"""
    return await service.read(call.session, duty_id)


@router.post("", response_model=DutyRead, status_code=201, summary="新增职责 Enter a duty", **WRITE)
async def enter_duty(body: DutyCreate, call: CommandDep) -> Duty:
    """A new row of the live list, in the caller's area; grid hears of it. 新增后通知网格"""
    require_area(call.principal, body.area)
    return await service.enter(call.session, body.fields(), actor=call.actor, now=call.now)


@router.patch("/{duty_id}", response_model=DutyRead, summary="变更职责 Change a duty", **WRITE)
async def change_duty(duty_id: UUID, body: DutyChange, expect: IfMatch, call: CommandDep) -> Duty:
    """Change units or days; running matters keep what they started with. 在办事项不受影响"""
    require_area(call.principal, (await service.read(call.session, duty_id)).area)
    return await service.change(
        call.session, duty_id, body.changes(), expect=expect, actor=call.actor, now=call.now
    )
