"""Routes of reading cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, page_response
from libs.common.http.route import command_router, permit
from services.grid.cases.service import Wanted
from services.grid.dossiers import service
from services.grid.dossiers.domain import CaseItem, CaseRead, RevealedReporter
from services.grid.dossiers.schemas import CaseAnswersList, CaseFilter, HistoryList, RevealReporter
from services.grid.dossiers.service import Viewing

router = command_router("/grid/v1/cases", tags=["cases 案件"])

READ = permit("grid.case.read")
BY_TIME = Keyset("cases-by-time", datetime, UUID)


async def _wanted(asked: Annotated[CaseFilter, Query()]) -> Wanted:
    return asked.wanted


@router.get("", response_model=Page[CaseItem], summary="案件列表 List cases", **READ)
async def list_cases(
    call: QueryDep,
    paging: PageDep,
    wanted: Annotated[Wanted, Depends(_wanted)],
) -> Response:
    """Latest first, inside the caller's areas or estates. 最新在前，限本人责任区域或小区"""
    viewing = Viewing(call.principal, call.now)
    after = BY_TIME.after(paging)
    rows = await service.listed(call.session, wanted, viewing, after=after, limit=paging.limit + 1)
    total = await service.count(call.session, wanted, viewing) if paging.total else None
    page = BY_TIME.slice(rows, paging, key=lambda row: (row["reported_at"], row["id"]), total=total)
    return page_response(replace(page, items=await service.shown(call.session, page.items, viewing)))


@router.get("/by-number/{number}", response_model=CaseRead, summary="按编号查看 Read by number", **READ)
async def read_by_number(number: str, call: QueryDep) -> CaseRead:
    """By receipt number or case number, hyphens and case apart. 按回执号或案件编号"""
    return await service.read_by_number(call.session, number, Viewing(call.principal, call.now))


@router.get("/{case_id}", response_model=CaseRead, summary="查看案件 Read a case", **READ)
async def read_case(case_id: UUID, call: QueryDep) -> CaseRead:
    """The case with what the caller may do now. 案件及可执行操作"""
    return await service.read(call.session, case_id, Viewing(call.principal, call.now))


@router.get("/{case_id}/history", response_model=HistoryList, summary="操作记录 History of a case", **READ)
async def read_history(case_id: UUID, call: QueryDep) -> HistoryList:
    """Every step, the first one first. 每一步操作"""
    return HistoryList(items=await service.history(call.session, case_id, Viewing(call.principal, call.now)))


@router.get("/{case_id}/answers", response_model=CaseAnswersList, summary="答卷 Answers about a case", **READ)
async def read_answers(case_id: UUID, call: QueryDep) -> CaseAnswersList:
    """Every time its form was answered, each with the questions as they were then. 历次答卷"""
    viewing = Viewing(call.principal, call.now)
    rows = await service.answers(call.session, case_id, viewing)
    return CaseAnswersList.model_validate({"items": rows})


@router.post(
    "/{case_id}/reporter",
    response_model=RevealedReporter,
    summary="查看反映人 Reveal the reporter",
    **permit("grid.case.reveal"),
)
async def reveal_reporter(case_id: UUID, body: RevealReporter, call: CommandDep) -> RevealedReporter:
    """In full, for the person whose present step needs it; the reason is recorded. 留痕查看"""
    viewing = Viewing(call.principal, call.now)
    return await service.reveal(
        call.session, case_id, body.purpose, body.reason, actor=call.actor, viewing=viewing
    )
