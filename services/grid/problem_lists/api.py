"""Routes of problem lists: an empty one out, a filled one in."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Query, Request, Response

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.faults import UnsupportedContent
from libs.common.http.route import command_router, permit
from libs.common.tables import MEDIA_TYPE, read_workbook, write_workbook
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

_BINARY: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
WORKBOOK: dict[int | str, dict[str, Any]] = {200: {"description": "An .xlsx workbook 电子表格", **_BINARY}}


@router.get(
    "/workbook",
    response_class=Response,
    responses=WORKBOOK,
    summary="清单模板 An empty list",
    **permit(service.TAKE),
)
async def empty_list(call: QueryDep) -> Response:
    """The columns with one row as an example, to be filled and sent back. 填好后导入"""
    row = {**EXAMPLE, "found_at": call.now}
    made = await asyncio.to_thread(write_workbook, [(SHEET, [row])])
    name = 'attachment; filename="problem-list.xlsx"'
    return Response(made, media_type=MEDIA_TYPE, headers={"Content-Disposition": name})


@router.post(
    "/import",
    response_model=ProblemListTaken,
    summary="导入问题清单 Import a list",
    **permit(service.TAKE, extra={"requestBody": {"required": True, **_BINARY}}),
)
async def import_list(
    request: Request,
    call: CommandDep,
    dry_run: Annotated[bool, Query(description="只检查，不改动。Only examine")] = True,
) -> ProblemListTaken:
    """Every row a case, all or none; what came before is not taken twice. 整体导入，逐格报错，重复不再受理"""
    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise UnsupportedContent(expected=MEDIA_TYPE)
    book = await asyncio.to_thread(read_workbook, await request.body(), [SHEET], LIMITS)
    found = problems_of(book)
    trial = await call.session.begin_nested()
    by = By(call.actor, call.now, call.principal)
    outcomes = await service.take(call.session, [report for _, report in found], by=by)
    tell(book, [row for row, _ in found], outcomes)
    book.check()
    told = taken_of(outcomes, dry_run=dry_run)
    await (trial.rollback() if dry_run else trial.commit())
    return told
