"""Routes of the joint study."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.fields import AREA
from services.grid.studies import service
from services.grid.studies.schemas import CallStudy, DecideStudy, OpenStudy, StudyList, StudyRead

router = command_router("/grid/v1", tags=["studies 会商"])
STUDY = permit("grid.case.study")
BY_LIMIT = Keyset("studies-by-limit", datetime, UUID)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.get("/studies", response_model=Page[OpenStudy], summary="待结论的会商 Open joint studies", **STUDY)
async def list_open_studies(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
) -> Slice[OpenStudy]:
    """What waits for a decision, the earliest limit first. 按会商时限排列"""
    rows = await service.list_open(
        call.session, call.principal, asked=area, after=BY_LIMIT.after(paging), limit=paging.limit + 1
    )
    page = BY_LIMIT.slice(rows, paging, key=lambda row: (row.due_at, row.id))
    pairs = await dossiers.with_cases(call.session, page.items, Viewing(call.principal, call.now))
    return Slice([OpenStudy(study=StudyRead.model_validate(row), case=it) for row, it in pairs], page.next)


@router.get(
    "/cases/{case_id}/studies",
    response_model=StudyList,
    summary="会商记录 Joint studies on a case",
    **permit("grid.case.follow"),
)
async def list_studies(case_id: UUID, call: QueryDep) -> StudyList:
    """Every joint study with its decision and the dispatch that followed, the first one first. 全部会商"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.studies_on(call.session, case)
    return StudyList(items=[StudyRead.model_validate(row) for row in rows])


@router.post("/cases/{case_id}/study", response_model=CaseRead, summary="提请会商 Call a study", **STUDY)
async def call_study(case_id: UUID, body: CallStudy, version: IfMatch, call: CommandDep) -> CaseRead:
    """After a return: the units concerned study whose duty it is, by a limit. 职责争议，限时会商"""
    by = By(call.actor, call.now, call.principal, version)
    return await _shown(
        call, await service.call(call.session, case_id, body.participant_ids, body.question, by=by)
    )


@router.post(
    "/cases/{case_id}/decide-study", response_model=CaseRead, summary="会商结论 Decide a study", **STUDY
)
async def decide_study(case_id: UUID, body: DecideStudy, version: IfMatch, call: CommandDep) -> CaseRead:
    """Designates who returned it, gives it to another unit, or sends it back. 按会商结论指定、改派或退回"""
    by = By(call.actor, call.now, call.principal, version)
    return await _shown(call, await service.decide(call.session, case_id, body.decided(), by=by))
