"""Routes of escalation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.escalations import service
from services.grid.escalations.domain import EscalationReason
from services.grid.escalations.schemas import EscalateCase, EscalatedCase, EscalationList, EscalationRead
from services.grid.escalations.service import Escalation, Why
from services.grid.fields import AREA
from services.grid.nodes import service as nodes

router = command_router("/grid/v1", tags=["escalations 升级"])
LATEST = Keyset("escalations-by-time", datetime, UUID)


@router.get(
    "/escalations",
    response_model=Page[EscalatedCase],
    summary="升级到本级的案件 What came up to a level",
    **permit("grid.case.follow"),
)
async def list_escalations(
    call: QueryDep,
    paging: PageDep,
    level: Annotated[str, Query(pattern=r"^[a-z_]{1,30}$", description="升至层级")],
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
) -> Slice[EscalatedCase]:
    """What came up to the level in the caller's area, the latest first. 按时间倒序"""
    rows = await service.came_up_to(
        call.session, call.principal, level, asked=area, after=LATEST.after(paging), limit=paging.limit + 1
    )
    return await _shown(call, rows, paging)


@router.get(
    "/nodes/{node_id}/escalations",
    response_model=Page[EscalatedCase],
    summary="升级到本节点的案件 What came up to a node",
    **permit("grid.case.follow"),
)
async def list_escalations_to_node(node_id: UUID, call: QueryDep, paging: PageDep) -> Slice[EscalatedCase]:
    """What came up to the node from the caller's area, the latest first. 按时间倒序"""
    await nodes.find(call.session, node_id)
    rows = await service.came_up_to_node(
        call.session, call.principal, node_id, after=LATEST.after(paging), limit=paging.limit + 1
    )
    return await _shown(call, rows, paging)


async def _shown(call: QueryDep, rows: Sequence[Escalation], paging: PageDep) -> Slice[EscalatedCase]:
    page = LATEST.slice(rows, paging, key=lambda row: (row.at, row.id))
    pairs = await dossiers.with_cases(call.session, page.items, Viewing(call.principal, call.now))
    told = [EscalatedCase(escalation=EscalationRead.model_validate(row), case=item) for row, item in pairs]
    return Slice(told, page.next)


@router.get(
    "/cases/{case_id}/escalations",
    response_model=EscalationList,
    summary="升级记录 Escalations of a case",
    **permit("grid.case.follow"),
)
async def list_escalations_of_case(case_id: UUID, call: QueryDep) -> EscalationList:
    """Every time it went up a level, the first one first. 全部升级"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.escalations_of(call.session, case)
    return EscalationList(items=[EscalationRead.model_validate(row) for row in rows])


@router.post(
    "/cases/{case_id}/escalate",
    response_model=CaseRead,
    summary="升级 Escalate",
    **permit("grid.case.escalate"),
)
async def escalate(case_id: UUID, body: EscalateCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """Call the next level; the deadline and who has it stay. 时限与处置单位不变"""
    by = By(call.actor, call.now, call.principal, version)
    why = Why(EscalationReason(body.reason), body.note)
    case = await service.escalate(call.session, case_id, why, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
