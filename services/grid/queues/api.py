"""Routes of the queue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseItem, CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.fields import AREA
from services.grid.lifecycle.domain import QueueReason
from services.grid.queues import service

router = command_router("/grid/v1", tags=["queue 待办"])
CLAIM = permit("grid.case.claim")
BY_DEADLINE = Keyset("queue-by-deadline", datetime, UUID)


@router.get("/queue", response_model=Page[CaseItem], summary="待办 The queue", **CLAIM)
async def list_queue(
    call: QueryDep,
    paging: PageDep,
    reason: Annotated[list[QueueReason] | None, Query(description="待办事由；可多选")] = None,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
) -> Slice[CaseItem]:
    """What waits for the centre, the earliest deadline first, with what the caller may do. 按时限排列"""
    viewing = Viewing(call.principal, call.now)
    rows = await service.waiting(
        call.session,
        reason or [],
        viewing,
        area=area,
        after=BY_DEADLINE.after(paging),
        limit=paging.limit + 1,
    )
    page = BY_DEADLINE.slice(rows, paging, key=lambda case: (case.queue_due_at, case.id))
    return Slice(await dossiers.items(call.session, page.items, viewing), page.next)


@router.post("/cases/{case_id}/claim", response_model=CaseRead, summary="认领 Claim", **CLAIM)
async def claim(case_id: UUID, call: CommandDep) -> CaseRead:
    """For a while nobody else can take a step of the centre. 限时认领"""
    case = await service.claim(call.session, case_id, by=By(call.actor, call.now, call.principal))
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post("/cases/{case_id}/release", response_model=CaseRead, summary="放弃认领 Release", **CLAIM)
async def release(case_id: UUID, call: CommandDep) -> CaseRead:
    """Back for the colleagues. 放弃认领"""
    case = await service.release(call.session, case_id, by=By(call.actor, call.now, call.principal))
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
