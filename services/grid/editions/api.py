"""Routes of editions: the whole catalogue out and in again."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Query, Request, Response

from libs.common.clocks import local_date
from libs.common.http import workbooks
from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from services.grid.catalogue import service as catalogue
from services.grid.editions import service
from services.grid.editions.schemas import (
    AttributeRead,
    ChangeRead,
    ClassList,
    EditionRead,
    GroupRead,
    ImportRead,
    draft_of,
    rows_of,
    sheets,
    tell,
)
from services.grid.rules import service as rules

router = command_router("/grid/v1/catalogue", tags=["catalogue 类别与标准"])

READ = permit("grid.reference.read")
BY_NUMBER = Keyset("editions-by-number", int)
WRITE = permit("grid.reference.write", extra=workbooks.TAKES)


@router.get("/classes", response_model=ClassList, summary="案件属性与大类 Attributes and classes", **READ)
async def list_classes(call: QueryDep) -> ClassList:
    """The upper two levels, ended classes included: what lists and statistics are narrowed by. 含已停用"""
    known = (await rules.rules(call.session)).attributes
    groups = [GroupRead.model_validate(row) for row in await catalogue.groups(call.session)]
    return ClassList(
        items=[
            AttributeRead(code=code, zh=row.zh, en=row.en, groups=[g for g in groups if g.attribute == code])
            for code, row in known.items()
        ]
    )


@router.get(
    "/editions", response_model=Page[EditionRead], summary="目录版本 Editions of the catalogue", **READ
)
async def list_editions(call: QueryDep, paging: PageDep) -> Slice[EditionRead]:
    """Who replaced the catalogue when, the last one first. 历次换版"""
    after = BY_NUMBER.after(paging)
    rows = await service.editions(call.session, after[0] if after else None, paging.limit + 1)
    page = BY_NUMBER.slice(rows, paging, key=lambda row: (row.number,))
    return Slice([EditionRead.model_validate(row) for row in page.items], page.next)


@router.get(
    "/workbook",
    response_class=Response,
    responses=workbooks.GIVES,
    summary="导出目录 Export the catalogue",
    **READ,
)
async def export_workbook(call: QueryDep) -> Response:
    """Classes, categories, items and standards as one workbook; edited, it can be imported. 编辑后可再导入"""
    known = sheets(await rules.rules(call.session))
    rows = rows_of(await service.present(call.session))
    filled = [(sheet, rows[noun]) for noun, sheet in known.items()]
    return await workbooks.given(filled, f"catalogue-{local_date(call.now)}")


@router.post("/import", response_model=ImportRead, summary="导入目录 Import the catalogue", **WRITE)
async def import_workbook(
    request: Request,
    call: CommandDep,
    effective_from: Annotated[Day, Query(description="生效日期，今天或以后", examples=["2026-12-01"])],
    dry_run: Annotated[bool, Query(description="只检查，不改动。Only examine")] = True,
) -> ImportRead:
    """The workbook as a whole becomes the catalogue; every wrong cell is told. 整体导入，逐格报错"""
    known = sheets(await rules.rules(call.session))
    content, book = await workbooks.taken(request, list(known.values()))
    await catalogue.lock_all(call.session)
    draft, rows = draft_of(book, known)
    book.check()
    given = service.Import(draft, effective_from, hashlib.sha256(content).digest())
    found = await service.examine(call.session, given, call.now)
    tell(book, rows, found.wrongs)
    book.check()
    edition = None
    if found.rows and not dry_run:
        edition = await service.take(call.session, given, found, actor=call.actor, now=call.now)
    return ImportRead(
        dry_run=dry_run,
        edition=edition.number if edition else None,
        effective_from=effective_from,
        changes=[ChangeRead.model_validate(change) for change in found.rows],
    )
