"""Routes of the public view: open to everybody, by the policy's `OPEN`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query

from libs.common.http.calls import NOT_MODIFIED
from libs.common.http.paging import Keyset, Page, PageDep, Paging
from libs.common.http.route import permit
from libs.common.http.visits import VisitDep, open_router
from services.grid.disclosures import service
from services.grid.disclosures.schemas import (
    LIST_AREA,
    CasesAsked,
    CountedBy,
    CountList,
    CountRead,
    CountsAsked,
    EnforcementRead,
    ProgressRead,
    PublicCase,
    StateRead,
)

router = open_router("/grid/v1/public", tags=["public 公众查询"])

READ = permit("grid.public.read")
BY_REPORT = Keyset("public-cases", date, str)
BY_END = Keyset("public-enforcements", date, str)
Receipt = Annotated[
    str, Path(max_length=40, description="回执号 receipt number", examples=["M7Q-4H2K-9TXB-3RW"])
]
Area = Annotated[str, Query(pattern=LIST_AREA, description="街镇、居村代码", examples=["310101002"])]


@router.get(
    "/progress/{number}",
    response_model=ProgressRead,
    responses=NOT_MODIFIED,
    summary="凭回执号查询进度 Progress by receipt number",
    **READ,
)
async def read_progress(number: Receipt, visit: VisitDep) -> ProgressRead:
    """For whoever has the receipt; wrong numbers are counted. 凭回执号查询，多次查错将被限制"""
    with visit.guessing():
        return ProgressRead.of(await service.progress(visit.session, number))


@router.get(
    "/cases",
    response_model=Page[PublicCase],
    responses=NOT_MODIFIED,
    summary="公开案件 Cases of an area",
    **READ,
)
async def list_cases(
    asked: Annotated[CasesAsked, Query()], visit: VisitDep, paging: PageDep
) -> Page[PublicCase]:
    """Accepted cases of a subdistrict or neighbourhood, the latest first. 已受理案件，不含涉密、敏感类别"""
    listed = _listed(asked.area, paging, BY_REPORT)
    rows = await service.cases(visit.session, listed, category=asked.category, is_open=asked.open)
    return _page(rows, paging, BY_REPORT, "reported_on", _case)


@router.get(
    "/enforcements",
    response_model=Page[EnforcementRead],
    responses=NOT_MODIFIED,
    summary="执法公示 Results of enforcement",
    **READ,
)
async def list_enforcements(area: Area, visit: VisitDep, paging: PageDep) -> Page[EnforcementRead]:
    """What units of enforcement have closed there, in disclosed categories. 执法结果公示"""
    rows = await service.enforcements(visit.session, _listed(area, paging, BY_END))
    return _page(rows, paging, BY_END, "closed_on", _enforcement)


@router.get(
    "/counts",
    response_model=CountList,
    responses=NOT_MODIFIED,
    summary="月度统计 Counts of a month",
    **READ,
)
async def count_cases(asked: Annotated[CountsAsked, Query()], visit: VisitDep) -> CountList:
    """By category or by the areas inside; too few to tell is null. 分类别或下级区划；数量过少不予显示"""
    by_area = asked.by is CountedBy.AREA
    parts = await service.counts(visit.session, asked.area, asked.first_day, by_area=by_area)
    return CountList(area=asked.area, month=asked.month, items=[CountRead.of(part) for part in parts])


def _listed(area: str, paging: Paging, order: Keyset) -> service.Listed:
    day, digest = order.after(paging) or (None, None)
    return service.Listed(area, paging.limit + 1, None if day is None else (day, str(digest)))


def _page(
    rows: Sequence[dict[str, Any]],
    paging: Paging,
    order: Keyset,
    by: str,
    shape: Callable[[dict[str, Any]], Any],
) -> Page[Any]:
    page = order.slice(rows, paging, key=lambda row: (row[by], row["key"]))
    return Page(items=[shape(row) for row in page.items], next=page.next)


def _case(row: dict[str, Any]) -> PublicCase:
    return PublicCase.model_validate(row | {"state": StateRead.of(row["state"])})


def _enforcement(row: dict[str, Any]) -> EnforcementRead:
    return EnforcementRead.model_validate(row | {"result": StateRead.of(row["state"])})
