"""Routes of repair orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.dispatches.domain import is_late
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.fields import AREA
from services.grid.lifecycle.domain import CaseState
from services.grid.repairs import service
from services.grid.repairs.schemas import (
    URGENCY,
    OpenRepair,
    ProposedRepairer,
    RepairOrderRead,
    RepairProposal,
    SendRepair,
)
from services.grid.repairs.service import Open

router = command_router("/grid/v1", tags=["repairs 报修"])
BY_ARRIVAL = Keyset("repairs-by-arrival", datetime, UUID)


@router.get(
    "/repairs",
    response_model=Page[OpenRepair],
    summary="在办报修单 Open repair orders",
    **permit("grid.case.follow"),
)
async def list_open_repairs(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
    late: Annotated[bool, Query(description="Only where nobody has come in time (仅到场超时)")] = False,
) -> Slice[OpenRepair]:
    """What is with a repairer in the caller's area, the earliest arrival deadline first. 按到场时限排列"""
    wanted = Open(area, call.now if late else None)
    rows = await service.list_open(
        call.session, call.principal, wanted, after=BY_ARRIVAL.after(paging), limit=paging.limit + 1
    )
    page = BY_ARRIVAL.slice(rows, paging, key=lambda row: (row.arrive_due_at, row.id))
    pairs = await dossiers.with_cases(call.session, page.items, Viewing(call.principal, call.now))
    told = [
        OpenRepair(
            order=RepairOrderRead.model_validate(row),
            case=item,
            arrival_overdue=item.state is not CaseState.SUSPENDED
            and is_late(row.arrive_due_at, row.arrived_at, call.now),
        )
        for row, item in pairs
    ]
    return Slice(told, page.next)


@router.get(
    "/cases/{case_id}/proposed-repair",
    response_model=RepairProposal,
    summary="报修建议 Proposed repair",
    **permit("grid.case.dispatch"),
)
async def proposed_repair(
    case_id: UUID,
    call: QueryDep,
    urgency: Annotated[str | None, Query(pattern=URGENCY, description="报修等级")] = None,
) -> RepairProposal:
    """Its class, the arrival deadline, and firm, centre or fallback unit by rule. 报修等级及拟派单位"""
    by = By(call.actor, call.now, call.principal)
    found = await service.propose(call.session, case_id, urgency, by)
    items = [
        ProposedRepairer(
            unit_id=each.unit.id, code=each.unit.code, name_zh=each.unit.name_zh, name_en=each.unit.name_en,
            kind=each.unit.kind, receiver=each.receiver,
        )
        for each in found.units
    ]  # fmt: skip
    return RepairProposal(
        urgency=found.urgency, urgency_zh=found.found.zh, urgency_en=found.found.en,
        arrive_due_at=found.arrive_due_at, estate_mode=found.mode, items=items,
    )  # fmt: skip


@router.post(
    "/cases/{case_id}/repair",
    response_model=CaseRead,
    summary="报修派单 Send as a repair order",
    **permit("grid.case.dispatch"),
)
async def send_repair(case_id: UUID, body: SendRepair, version: IfMatch, call: CommandDep) -> CaseRead:
    """To firm, centre or fallback unit; the arrival clock runs day and night. 到场时限昼夜连续计算"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.send(call.session, case_id, body.plain(), by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
