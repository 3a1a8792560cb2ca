"""Routes of plans."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.targets.fields import StepList, StepRead
from services.targets.plans import service
from services.targets.plans.domain import PlanAction, PlanLevel, PlanState
from services.targets.plans.schemas import PlanChange, PlanRead, PlanWrite, StepNote
from services.targets.plans.service import By, Plan, PlanFilter

router = command_router("/targets/v1/plans", tags=["plans 计划"])

READ = permit("targets.plan.read")
WRITE = permit("targets.plan.write")

Area = Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")]
Words = Annotated[str | None, Query(max_length=100, description="标题、代码、文号检索")]


async def _narrow(
    area: Area = None,
    state: Annotated[PlanState | None, Query(description="状态")] = None,
    level: Annotated[PlanLevel | None, Query(description="层级")] = None,
    demonstration: Annotated[bool | None, Query(description="是否演示计划")] = None,
    q: Words = None,
) -> PlanFilter:
    return PlanFilter(state, area, level, q, demonstration)


@router.get("", response_model=Page[PlanRead], summary="计划列表 List plans", **READ)
async def list_plans(
    call: QueryDep, paging: PageDep, narrow: Annotated[PlanFilter, Depends(_narrow)]
) -> Slice[Plan]:
    """Plans by code; drafts for those who write them. 按代码排列；草案仅编制者可见"""
    return await service.list_plans(call.session, narrow, paging, call.principal)


@router.get("/{plan_id}", response_model=PlanRead, summary="查看计划 Read a plan", **READ)
async def read_plan(plan_id: UUID, call: QueryDep) -> Plan:
    """One plan. 查看计划"""
    return await service.read(call.session, plan_id, call.principal)


@router.get("/{plan_id}/history", response_model=StepList, summary="操作历史 History", **WRITE)
async def read_plan_history(plan_id: UUID, call: QueryDep) -> StepList:
    """Who did what and when. 操作历史"""
    plan = await service.read(call.session, plan_id, call.principal)
    steps = await service.history(call.session, plan)
    return StepList(items=[StepRead.model_validate(each) for each in steps])


@router.put(
    "/{plan_id}",
    response_model=PlanRead,
    status_code=201,
    summary="登记计划 Enter a plan",
    responses={200: {"model": PlanRead, "description": "The same plan again (重复提交)"}},
    **WRITE,
)
async def enter_plan(plan_id: UUID, body: PlanWrite, call: CommandDep, response: Response) -> Plan:
    """A draft under the client's UUIDv7; the same sent again is the same plan. 以客户端 UUIDv7 为键"""
    by = By(call.actor, call.now, call.principal)
    plan, made = await service.enter(call.session, plan_id, body.fields(), by)
    response.status_code = 201 if made else 200
    return plan


@router.patch("/{plan_id}", response_model=PlanRead, summary="变更计划 Change a plan", **WRITE)
async def change_plan(plan_id: UUID, body: PlanChange, expect: IfMatch, call: CommandDep) -> Plan:
    """Title, number, dates, plan above; not once it is concluded. 已结束的计划不再变更"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.change(call.session, plan_id, body.changes(), by)


@router.post(
    "/{plan_id}/put-in-force", response_model=PlanRead, summary="启动执行 Put a plan in force", **WRITE
)
async def put_in_force(plan_id: UUID, body: StepNote, expect: IfMatch, call: CommandDep) -> Plan:
    """From now on its targets are judged and chased. 启动后开始评判与催报"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.step(call.session, plan_id, PlanAction.PUT_IN_FORCE, body.note, by)


@router.post("/{plan_id}/conclude", response_model=PlanRead, summary="结束计划 Conclude a plan", **WRITE)
async def conclude(plan_id: UUID, body: StepNote, expect: IfMatch, call: CommandDep) -> Plan:
    """Its targets are judged no more, but for those that outlive it. 期限晚于计划的目标继续评判"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.step(call.session, plan_id, PlanAction.CONCLUDE, body.note, by)
