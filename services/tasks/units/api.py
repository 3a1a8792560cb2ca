"""Routes of units and their members."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.http.calls import Caller, CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from libs.common.policy import Role, require_area
from services.tasks.units import service
from services.tasks.units.domain import Origin
from services.tasks.units.models import Unit, UnitMember
from services.tasks.units.schemas import (
    MemberCreate,
    MemberList,
    MemberRead,
    UnitChange,
    UnitCreate,
    UnitRead,
)

router = command_router("/tasks/v1/units", tags=["units 单位"])

READ = permit("tasks.reference.read")
WRITE = permit("tasks.reference.write")
STAFF = permit("tasks.unit.staff")

Area = Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")]
Words = Annotated[str | None, Query(max_length=100, description="名称、别名检索")]


async def _narrow(
    area: Area = None,
    kind: Annotated[str | None, Query(max_length=40, description="单位类型")] = None,
    origin: Annotated[Origin | None, Query(description="来源")] = None,
    q: Words = None,
    on: Annotated[Day | None, Query(description="在该日有效；默认今天")] = None,
    ended: Annotated[bool, Query(description="包括已停用单位")] = False,
) -> Callable[[date], service.UnitFilter]:
    return lambda today: service.UnitFilter(area, kind, None if ended else on or today, origin, q)


Narrow = Annotated[Callable[[date], service.UnitFilter], Depends(_narrow)]


async def _check_reach(session: AsyncSession, unit_id: UUID, caller: Caller) -> None:
    """An administrator reaches the units of the own area; of a unit's leader the service judges.

    Raises `UnitNotFound`, `NotFound`.
    """
    if caller.actor.role == Role.ADMINISTRATOR:
        require_area(caller.principal, (await service.read(session, unit_id)).area)


@router.get("", response_model=Page[UnitRead], summary="单位列表 List units", **READ)
async def list_units(call: QueryDep, paging: PageDep, narrow: Narrow) -> Slice[Unit]:
    """Units by code; those in force today unless asked otherwise. 默认只列现行单位"""
    return await service.list_units(call.session, narrow(local_date(call.now)), paging)


@router.get("/{unit_id}", response_model=UnitRead, summary="查看单位 Read a unit", **READ)
async def read_unit(unit_id: UUID, call: QueryDep) -> Unit:
    """One unit, ended ones too. 查看单位（含已停用）"""
    return await service.read(call.session, unit_id)


@router.post("", response_model=UnitRead, status_code=201, summary="登记单位 Register a unit", **WRITE)
async def register_unit(body: UnitCreate, call: CommandDep) -> Unit:
    """A new unit in the caller's area; every service hears of it. 登记后通知各服务"""
    require_area(call.principal, body.area)
    return await service.register(call.session, body.fields(), actor=call.actor, now=call.now)


@router.patch("/{unit_id}", response_model=UnitRead, summary="变更单位 Change a unit", **WRITE)
async def change_unit(unit_id: UUID, body: UnitChange, expect: IfMatch, call: CommandDep) -> Unit:
    """Rename, merge (an end and a successor), settings. 更名、停用并指定承接单位、设置"""
    await _check_reach(call.session, unit_id, call)
    if body.area is not None:
        require_area(call.principal, body.area)
    return await service.change(
        call.session, unit_id, body.changes(), expect=expect, actor=call.actor, now=call.now
    )


@router.get("/{unit_id}/members", response_model=MemberList, summary="成员名单 List members", **STAFF)
async def list_members(unit_id: UUID, call: QueryDep) -> dict[str, list[UnitMember]]:
    """The people of the unit, past ones too; never published. 单位成员，不对外发布"""
    await _check_reach(call.session, unit_id, call)
    return {"items": list(await service.members(call.session, unit_id, actor=call.actor))}


@router.post(
    "/{unit_id}/members",
    response_model=MemberRead,
    status_code=201,
    summary="任命成员 Add a member",
    **STAFF,
)
async def add_member(unit_id: UUID, body: MemberCreate, call: CommandDep) -> UnitMember:
    """Put a person into the unit: clerk, handler, leader or deputy. 任命承办人、经办人、负责人或代签人"""
    await _check_reach(call.session, unit_id, call)
    staffing = service.Staffing(**vars(body))
    return await service.add_member(call.session, unit_id, staffing, actor=call.actor, now=call.now)


@router.post(
    "/{unit_id}/members/{member_id}/end",
    response_model=MemberRead,
    summary="结束任职 End a membership",
    **STAFF,
)
async def end_member(unit_id: UUID, member_id: UUID, call: CommandDep) -> UnitMember:
    """Today is the last day. 今日为最后任职日"""
    await _check_reach(call.session, unit_id, call)
    return await service.end_member(call.session, unit_id, member_id, actor=call.actor, now=call.now)
