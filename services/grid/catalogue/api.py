"""Routes of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from libs.common.clocks import local_date
from libs.common.http.calls import (
    NOT_MODIFIED,
    CommandDep,
    IfMatch,
    IfNoneMatch,
    QueryDep,
    unchanged,
)
from libs.common.http.route import command_router, permit
from libs.common.versions import check_version
from services.grid.catalogue import service
from services.grid.catalogue.domain import StandardRow
from services.grid.catalogue.schemas import CategoryList, CategoryRead, StandardRead, StandardWrite

router = command_router("/grid/v1/categories", tags=["catalogue 类别与标准"])

READ = permit("grid.reference.read")
WRITE = permit("grid.reference.write")
Code = Annotated[str, Path(pattern=r"^[0-9]{4}$", description="类别代码", examples=["0202"])]
StandardCode = Annotated[str, Path(pattern=r"^[a-z_]{2,30}$", description="标准代码", examples=["found"])]


def _shape(category: service.Category, standards: list[StandardRead]) -> CategoryRead:
    columns = {key: getattr(category, key) for key in CategoryRead.model_fields if key != "standards"}
    return CategoryRead(**columns, standards=standards)


@router.get(
    "", response_model=CategoryList, responses=NOT_MODIFIED, summary="类别表 List the categories", **READ
)
async def list_categories(
    call: QueryDep, response: Response, held: IfNoneMatch = ""
) -> CategoryList | Response:
    """Every category with its standards in force today: a device's pack. 全部类别及现行标准，可作离线包"""
    tag = f'"{await service.tag(call.session, local_date(call.now))}"'
    if (same := unchanged(tag, held)) is not None:
        return same
    response.headers["ETag"] = tag
    rows = await service.catalogue(call.session, local_date(call.now))
    shaped = [_shape(row, [StandardRead.model_validate(s) for s in standards]) for row, standards in rows]
    return CategoryList(items=shaped)


@router.get(
    "/{code}",
    response_model=CategoryRead,
    summary="查看类别 Read a category",
    **READ,
)
async def read_category(code: Code, call: QueryDep) -> CategoryRead:
    """One category with its standards in force today. 类别及现行标准"""
    category, standards = await service.category(call.session, code, local_date(call.now))
    return _shape(category, [StandardRead.model_validate(s) for s in standards])


@router.put(
    "/{code}/standards/{standard}",
    response_model=CategoryRead,
    summary="修订标准 Revise a standard",
    **WRITE,
)
async def revise_standard(
    code: Code, standard: StandardCode, body: StandardWrite, expect: IfMatch, call: CommandDep
) -> CategoryRead:
    """A new revision from a date on; running cases keep the one they were filed under. 在办案件沿用原标准"""
    category = await service.category_for_update(call.session, code)
    check_version(category, expect)
    row = StandardRow(
        code=standard,
        zh=body.condition_zh,
        en=body.condition_en,
        limit=(body.limit_amount, body.limit_unit),
        closing_zh=body.closing_zh,
        closing_en=body.closing_en,
        photos_before=body.photos_before,
        photos_after=body.photos_after,
        source=body.source,
    )
    await service.revise_standard(
        call.session, category, row, body.effective_from, actor=call.actor, now=call.now
    )
    _, standards = await service.category(call.session, code, local_date(call.now))
    return _shape(category, [StandardRead.model_validate(s) for s in standards])
