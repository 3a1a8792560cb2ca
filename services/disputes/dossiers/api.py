"""Routes of reading disputes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.disputes.bodies.domain import Tier
from services.disputes.disputes import service as disputes
from services.disputes.disputes.domain import State
from services.disputes.disputes.service import By, Dispute, DisputeFilter, Show
from services.disputes.dossiers import service
from services.disputes.dossiers.domain import DisputeRead
from services.disputes.dossiers.schemas import (
    DisputeDetail,
    InFull,
    PartyInFull,
    Reveal,
    StepList,
    StepShown,
)
from services.disputes.rules.domain import DisputeClass

router = command_router("/disputes/v1/disputes", tags=["disputes 纠纷"])

READ = permit("disputes.dispute.read")
REVEAL = permit("disputes.dispute.reveal")

OpenShow = Literal[Show.OPEN, Show.OVERDUE, Show.MINE]

Area = Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")]


async def _where(
    area: Area = None,
    estate: Annotated[UUID | None, Query(description="小区")] = None,
    body: Annotated[UUID | None, Query(description="承办调解组织")] = None,
    q: Annotated[str | None, Query(max_length=100, description="编号、标题、地址检索")] = None,
) -> DisputeFilter:
    return DisputeFilter(area=area, estate_id=estate, body_id=body, words=q)


async def _filter(
    where: Annotated[DisputeFilter, Depends(_where)],
    state: Annotated[State | None, Query(description="状态")] = None,
    dispute_class: Annotated[DisputeClass | None, Query(description="一般、专业、重大")] = None,
    dispute_type: Annotated[str | None, Query(max_length=40, description="纠纷类型代码")] = None,
    tier: Annotated[Tier | None, Query(description="层级")] = None,
) -> DisputeFilter:
    return replace(where, state=state, dispute_class=dispute_class, dispute_type=dispute_type, tier=tier)


async def _narrow(
    narrow: Annotated[DisputeFilter, Depends(_filter)],
    show: Annotated[Show, Query(description="全部、未办结、已超期、本组织在办")] = Show.ALL,
) -> DisputeFilter:
    return replace(narrow, show=show)


async def _due(
    narrow: Annotated[DisputeFilter, Depends(_filter)],
    show: Annotated[OpenShow, Query(description="未办结、已超期、本组织在办")] = Show.OPEN,
) -> DisputeFilter:
    return replace(narrow, show=show)


@router.get("", response_model=Page[DisputeRead], summary="纠纷列表 List disputes", **READ)
async def list_disputes(
    call: QueryDep, paging: PageDep, narrow: Annotated[DisputeFilter, Depends(_narrow)]
) -> Slice[Dispute]:
    """Newest first: the own body's, for coordinators and leaders their area, for an owners' committee its
    estates. 最新在前，限本组织、本辖区或本小区"""
    return await disputes.list_disputes(call.session, narrow, call.principal, paging, call.now)


@router.get("/by-deadline", response_model=Page[DisputeRead], summary="按期限 By deadline", **READ)
async def list_by_deadline(
    call: QueryDep, paging: PageDep, narrow: Annotated[DisputeFilter, Depends(_due)]
) -> Slice[Dispute]:
    """Open ones by the limit of the present tier, those without one last. 未办结的按调解期限排序"""
    return await disputes.list_by_due(call.session, narrow, call.principal, paging, call.now)


@router.get("/{dispute_id}", response_model=DisputeDetail, summary="查看纠纷 Read a dispute", **READ)
async def read_dispute(dispute_id: UUID, call: QueryDep) -> DisputeDetail:
    """One dispute, persons masked; minutes and agreement for its own people only. 个人信息脱敏"""
    return DisputeDetail.of(await service.dossier(call.session, dispute_id, call.principal, call.now))


@router.get("/{dispute_id}/history", response_model=StepList, summary="操作历史 History", **READ)
async def read_history(dispute_id: UUID, call: QueryDep) -> StepList:
    """Who did what and when; notes for its own people only. 操作历史，备注仅承办人员可见"""
    steps, notes = await service.history(call.session, dispute_id, call.principal, call.now)
    shown = [StepShown.model_validate(step) for step in steps]
    return StepList(items=shown if notes else [step.model_copy(update={"note": None}) for step in shown])


@router.put(
    "/{dispute_id}/accesses/{access_id}",
    response_model=InFull,
    summary="查看完整信息 Read personal data in full",
    **REVEAL,
)
async def reveal(dispute_id: UUID, access_id: UUID, body: Reveal, call: CommandDep) -> InFull:
    """For who has it in hand; the reason is recorded under the client's id. 查看理由留痕"""
    by = By(call.actor, call.now, call.principal)
    dispute, parties = await service.reveal(call.session, dispute_id, access_id, body.reason, by)
    return InFull(
        description=dispute.description,
        address=dispute.address,
        parties=[PartyInFull.model_validate(party) for party in parties],
    )
