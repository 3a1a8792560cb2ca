"""Routes of statements."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.dossiers.service import Viewing
from services.grid.statements import service
from services.grid.statements.schemas import (
    MakeStatement,
    StatementList,
    StatementRead,
    TakeStatement,
    statement_read,
)

router = command_router("/grid/v1", tags=["statements 情况说明"])


@router.get(
    "/cases/{case_id}/statements",
    response_model=StatementList,
    summary="情况说明 Statements about a case",
    **permit("grid.case.read"),
)
async def list_statements(case_id: UUID, call: QueryDep) -> StatementList:
    """What firm and owners' committee say of it, the first one first. 物业、业委会的全部说明"""
    case = await cases.find_to_read(call.session, case_id, call.principal, call.now)
    inside = Viewing(call.principal, call.now).inside(case.area)
    rows = await service.statements_on(call.session, case, inside=inside)
    return StatementList(
        items=[statement_read(row, inside=inside, reader=call.principal.subject) for row in rows]
    )


@router.post(
    "/cases/{case_id}/statements",
    response_model=StatementRead,
    status_code=201,
    summary="提交情况说明 Make a statement",
    **permit(service.MAKE),
)
async def make_statement(case_id: UUID, body: MakeStatement, call: CommandDep) -> StatementRead:
    """What was done, with photos; the case does not move by it. 说明处置情况，不改变案件状态"""
    by = By(call.actor, call.now, call.principal)
    row = await service.make(call.session, case_id, body.said(), by=by)
    return statement_read(row, inside=False, reader=call.principal.subject)


@router.post(
    "/statements/{statement_id}/take",
    response_model=StatementRead,
    summary="采信 Take as a basis",
    **permit("grid.statement.take"),
)
async def take_statement(
    statement_id: UUID, body: TakeStatement, version: IfMatch, call: CommandDep
) -> StatementRead:
    """By the dispatcher or who handles the case; their own answer follows. 采信后仍须由处置人反馈"""
    by = By(call.actor, call.now, call.principal, version)
    row = await service.take(call.session, statement_id, body.note, by=by)
    return statement_read(row, inside=True, reader=call.principal.subject)
