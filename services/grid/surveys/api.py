"""Routes of the surveys."""

from __future__ import annotations

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.surveys import service
from services.grid.surveys.schemas import EditionRead, SurveyOutcome, SurveyWrite, outcome_read

router = command_router("/grid/v1/unit-grid-editions", tags=["places 区域与单元网格"])

BY_NUMBER = Keyset("unit-grid-editions-by-number", int)


@router.post(
    "",
    response_model=SurveyOutcome,
    summary="单元网格入库 Import unit grids",
    **permit("grid.reference.write"),
)
async def import_unit_grids(body: SurveyWrite, call: CommandDep) -> SurveyOutcome:
    """Whole neighbourhoods, as many as a body holds; a city by the command line. 大文件用命令行"""
    outcome = await service.take(
        call.session, body.survey(), viewer=call.principal, actor=call.actor, now=call.now
    )
    return outcome_read(outcome)


@router.get(
    "",
    response_model=Page[EditionRead],
    summary="单元网格版次 List editions of unit grids",
    **permit("grid.reference.read"),
)
async def list_editions(call: QueryDep, paging: PageDep) -> Slice[EditionRead]:
    """The latest first. 最新在前"""
    after = BY_NUMBER.after(paging)
    rows = await service.list_editions(
        call.session, after=after[0] if after else None, limit=paging.limit + 1
    )
    shown = [EditionRead.model_validate(row) for row in rows]
    return BY_NUMBER.slice(shown, paging, key=lambda row: [row.number])
