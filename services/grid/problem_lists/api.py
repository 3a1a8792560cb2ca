"""Routes of problem lists: an empty one out, a filled one in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from libs.common.http import workbooks
from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.problem_lists import service
from services.grid.problem_lists.schemas import (
    EXAMPLE,
    LIMITS,
    SHEET,
    ProblemListTaken,
    problems_of,
    taken_of,
    tell,
)

router = command_router("/grid/v1/problem-lists", tags=["problem lists 问题清单"])


@router.get(
    "/workbook",
    response_class=Response,
    responses=workbooks.GIVES,
    summary="清单模板 An empty list",
    **permit(service.TAKE),
)
async def empty_list(call: QueryDep) -> Response:
    """The columns with one row as an example, to be filled and sent back. 填好后导入"""
    return await workbooks.given([(SHEET, [{**EXAMPLE, "found_at": call.now}])], "problem-list")


@router.post(
    "/import",
    response_model=ProblemListTaken,
    summary="导入问题清单 Import a list",
    **permit(service.TAKE, extra=workbooks.TAKES),
)
async def import_list(
    request: Request,
    call: CommandDep,
    dry_run: Annotated[bool, Query(description="只检查，不改动。Only examine")] = True,
) -> ProblemListTaken:
    """Every row a case, all or none; what came before is not taken twice. 整体导入，逐格报错，重复不再受理"""
    _, book = await workbooks.taken(request, [SHEET], LIMITS)
    found = problems_of(book)
    trial = await call.session.begin_nested()
    by = By(call.actor, call.now, call.principal)
    outcomes = await service.take(call.session, [report for _, report in found], by=by)
    tell(book, [row for row, _ in found], outcomes)
    book.check()
    told = taken_of(outcomes, dry_run=dry_run)
    await (trial.rollback() if dry_run else trial.commit())
    return told
