"""Routes of the catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

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
from services.grid.catalogue.domain import FormRevision, StandardRow
from services.grid.catalogue.schemas import (
    CategoriesAsked,
    CategoryList,
    CategoryRead,
    FormHistory,
    FormWrite,
    ItemRead,
    StandardRead,
    StandardWrite,
    form_read,
)
from services.grid.questions import service as questions

router = command_router("/grid/v1/categories", tags=["catalogue 类别与标准"])

READ = permit("grid.reference.read")
WRITE = permit("grid.reference.write")
Code = Annotated[str, Path(pattern=r"^[0-9]{4}$", description="类别代码", examples=["0202"])]
StandardCode = Annotated[str, Path(pattern=r"^[a-z_]{2,30}$", description="标准代码", examples=["found"])]


def _shape(found: service.Found, form: questions.CategoryForm | None) -> CategoryRead:
    made = {"items", "standards", "form"}
    return CategoryRead(
        **{key: getattr(found.category, key) for key in CategoryRead.model_fields if key not in made},
        items=[ItemRead.model_validate(item) for item in found.items],
        standards=[StandardRead.model_validate(standard) for standard in found.standards],
        form=form_read(form) if form else None,
    )


async def _as_it_is(session: AsyncSession, code: str, now: datetime) -> CategoryRead:
    day = local_date(now)
    found = await service.found(session, code, day)
    return _shape(found, await questions.form_in_force(session, code, day))


@router.get(
    "", response_model=CategoryList, responses=NOT_MODIFIED, summary="类别表 List the categories", **READ
)
async def list_categories(
    asked: Annotated[CategoriesAsked, Query()], call: QueryDep, response: Response, held: IfNoneMatch = ""
) -> CategoryList | Response:
    """Every category with its standards in force today: a device's pack. 全部类别及现行标准，可作离线包

    Narrowed by 案件属性 or 大类 if asked for.
    """
    tag = f'"{await service.tag(call.session, local_date(call.now))}"'
    if (same := unchanged(tag, held)) is not None:
        return same
    response.headers["ETag"] = tag
    rows = await service.catalogue(call.session, local_date(call.now), asked.attribute, asked.group)
    forms = await questions.forms_in_force(call.session, local_date(call.now))
    return CategoryList(items=[_shape(found, forms.get(found.category.code)) for found in rows])


@router.get(
    "/{code}",
    response_model=CategoryRead,
    summary="查看类别 Read a category",
    **READ,
)
async def read_category(code: Code, call: QueryDep) -> CategoryRead:
    """One category with its standards and its form in force today. 类别、现行标准与问卷"""
    return await _as_it_is(call.session, code, call.now)


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
        legal_item=body.legal_item,
        severity=body.severity,
        loops=tuple(body.loops),
        source=body.source,
    )
    await service.revise_standard(
        call.session, category, row, body.effective_from, actor=call.actor, now=call.now
    )
    return await _as_it_is(call.session, code, call.now)


@router.get(
    "/{code}/forms", response_model=FormHistory, summary="问卷各版 Versions of a category's form", **READ
)
async def list_forms(code: Code, call: QueryDep) -> FormHistory:
    """Every version, the first one first: answers are read by the one that asked. 历次版本"""
    await service.category(call.session, code, local_date(call.now))
    return FormHistory(items=[form_read(form) for form in await questions.versions(call.session, code)])


@router.put("/{code}/form", response_model=CategoryRead, summary="修订问卷 Revise a form", **WRITE)
async def revise_form(code: Code, body: FormWrite, expect: IfMatch, call: CommandDep) -> CategoryRead:
    """The next version from a date on; an offline phone may still answer the last one. 离线沿用旧版"""
    category = await service.category_for_update(call.session, code)
    check_version(category, expect)
    given = FormRevision(tuple(body.questions), body.source, body.effective_from)
    await service.revise_form(call.session, category, given, actor=call.actor, now=call.now)
    return await _as_it_is(call.session, code, call.now)
