"""Routes of targets."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.targets.fields import StepList, StepRead
from services.targets.plans.service import By
from services.targets.targets import service
from services.targets.targets.domain import Kind
from services.targets.targets.schemas import (
    TargetChange,
    TargetList,
    TargetRead,
    TargetRevise,
    TargetWrite,
    ValueList,
    ValueRead,
)
from services.targets.targets.service import Target, TargetFilter

router = command_router("/targets/v1/targets", tags=["targets 目标"])

READ = permit("targets.target.read")
WRITE = permit("targets.target.write")


async def _narrow(
    plan: Annotated[UUID | None, Query(description="计划")] = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")] = None,
    kind: Annotated[Kind | None, Query(description="类型")] = None,
    theme: Annotated[str | None, Query(max_length=40, description="主题")] = None,
    q: Annotated[str | None, Query(max_length=100, description="标题、代码、责任主体检索")] = None,
) -> TargetFilter:
    return TargetFilter(plan, area, kind, theme, q)


@router.get("", response_model=Page[TargetRead], summary="目标列表 List targets", **READ)
async def list_targets(
    call: QueryDep, paging: PageDep, narrow: Annotated[TargetFilter, Depends(_narrow)]
) -> Slice[Target]:
    """Targets by code: of a plan, an area, a kind, or found by their titles. 按代码排列"""
    return await service.list_targets(call.session, narrow, paging, call.principal)


@router.get("/{target_id}", response_model=TargetRead, summary="查看目标 Read a target", **READ)
async def read_target(target_id: UUID, call: QueryDep) -> Target:
    """One target. 查看目标"""
    return await service.read(call.session, target_id, call.principal)


@router.get("/{target_id}/children", response_model=TargetList, summary="下级目标 Targets below", **READ)
async def list_children(target_id: UUID, call: QueryDep) -> TargetList:
    """The targets directly below, each with its relation. 直接下级目标及其关系"""
    below = await service.below(call.session, target_id, call.principal)
    return TargetList(items=[TargetRead.model_validate(each) for each in below])


@router.get("/{target_id}/values", response_model=ValueList, summary="目标值沿革 Former values", **READ)
async def list_values(target_id: UUID, call: QueryDep) -> ValueList:
    """Every value that it has or had, and from which day. 各版本目标值及生效日期"""
    target = await service.read(call.session, target_id, call.principal)
    values = await service.values_of(call.session, [target.id])
    return ValueList(items=[ValueRead.model_validate(each) for each in values[target.id]])


@router.get("/{target_id}/history", response_model=StepList, summary="操作历史 History", **WRITE)
async def read_target_history(target_id: UUID, call: QueryDep) -> StepList:
    """Who did what and when. 操作历史"""
    target = await service.read(call.session, target_id, call.principal)
    steps = await service.history(call.session, target)
    return StepList(items=[StepRead.model_validate(each) for each in steps])


@router.put(
    "/{target_id}",
    response_model=TargetRead,
    status_code=201,
    summary="登记目标 Enter a target",
    responses={200: {"model": TargetRead, "description": "The same target again (重复提交)"}},
    **WRITE,
)
async def enter_target(target_id: UUID, body: TargetWrite, call: CommandDep, response: Response) -> Target:
    """Under the client's UUIDv7; the same sent again is the same target. 以客户端 UUIDv7 为键"""
    by = By(call.actor, call.now, call.principal)
    target, made = await service.enter(call.session, target_id, body.fields(), by)
    response.status_code = 201 if made else 200
    return target


@router.patch("/{target_id}", response_model=TargetRead, summary="变更目标 Change a target", **WRITE)
async def change_target(target_id: UUID, body: TargetChange, expect: IfMatch, call: CommandDep) -> Target:
    """Everything but the value, the deadline, the code and the kind. 目标值和期限另行调整"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.change(call.session, target_id, body.changes(), by)


@router.post("/{target_id}/revise", response_model=TargetRead, summary="调整目标值 Revise the value", **WRITE)
async def revise_target(target_id: UUID, body: TargetRevise, expect: IfMatch, call: CommandDep) -> Target:
    """Another value or deadline from a day on; earlier days keep theirs. 生效日前仍按原值评判"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.revise(call.session, target_id, body.revision(), by)
