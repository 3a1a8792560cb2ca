"""Routes of supervisions: the supervision office decides on what red lights propose."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.tasks.dossiers.domain import StepRead
from services.tasks.measures.domain import TargetCode, target_id
from services.tasks.supervisions import service
from services.tasks.supervisions.domain import State, allowed
from services.tasks.supervisions.schemas import (
    Issue,
    NotIssue,
    SupervisionDetail,
    SupervisionRead,
    SupervisionSteps,
)
from services.tasks.supervisions.service import Supervision, SupervisionFilter
from services.tasks.tasks.service import By

router = command_router("/tasks/v1/supervisions", tags=["supervisions 督办"])

READ = permit("tasks.supervision.read")
DECIDE = permit("tasks.supervision.decide")


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _narrow(
    state: Annotated[State | None, Query(description="状态；proposed 为待拟办")] = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")] = None,
    unit_id: Annotated[UUID | None, Query(description="责任单位")] = None,
    target: Annotated[TargetCode | None, Query(description="指标代码")] = None,
) -> SupervisionFilter:
    return SupervisionFilter(state, area, unit_id, target_id(target) if target else None)


@router.get("", response_model=Page[SupervisionRead], summary="督办列表 List supervisions", **READ)
async def list_supervisions(
    call: QueryDep, paging: PageDep, narrow: Annotated[SupervisionFilter, Depends(_narrow)]
) -> Slice[Supervision]:
    """Newest first; what is proposed waits for the office. 最新在前，拟办事项待督查室决定"""
    return await service.list_supervisions(call.session, narrow, call.principal, paging)


@router.get("/{supervision_id}", response_model=SupervisionDetail, summary="查看督办 Read one", **READ)
async def read_supervision(supervision_id: UUID, call: QueryDep) -> SupervisionDetail:
    """One supervision with what must be known to decide. 亮灯情况与允许的操作"""
    row = await service.read(call.session, supervision_id, call.principal)
    detail = SupervisionDetail.model_validate(row)
    return detail.model_copy(update={"allowed_actions": allowed(State(row.state))})


@router.get("/{supervision_id}/history", response_model=SupervisionSteps, summary="操作历史 History", **READ)
async def read_history(supervision_id: UUID, call: QueryDep) -> SupervisionSteps:
    """Who did what and when. 操作历史"""
    row = await service.read(call.session, supervision_id, call.principal)
    steps = await service.history(call.session, row)
    return SupervisionSteps(items=[StepRead.model_validate(step) for step in steps])


@router.post("/{supervision_id}/issue", response_model=SupervisionRead, summary="发出督办单 Issue", **DECIDE)
async def issue(supervision_id: UUID, body: Issue, expect: IfMatch, call: CommandDep) -> Supervision:
    """It becomes a task of the unit and closes with it, verified. 交办责任单位，核验办结后督办办结"""
    return await service.issue(call.session, supervision_id, body.order(), _by(call, expect))


@router.post(
    "/{supervision_id}/not-issue", response_model=SupervisionRead, summary="不予督办 Do not issue", **DECIDE
)
async def not_issue(supervision_id: UUID, body: NotIssue, expect: IfMatch, call: CommandDep) -> Supervision:
    """The proposer hears the reason. 说明理由并告知提出方"""
    return await service.not_issue(call.session, supervision_id, body.reason, body.note, _by(call, expect))
