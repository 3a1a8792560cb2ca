"""A problem list as a sheet of a workbook, and the shapes of answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from libs.common.coordinates import Crs
from libs.common.errors import DomainError
from libs.common.http.schemas import Read
from libs.common.tables import Book, Column, Kind, Limits, Row, Sheet
from libs.common.text import Line, Text
from services.grid.fields import AreaDigits, CategoryCode
from services.grid.problem_lists.service import CHANNEL, Outcome, Taken
from services.grid.reports.domain import GivenPlace, Report

LIMITS = Limits(rows=500)
"""So many problems at once: each is a whole case, and all of them are one transaction."""

SYSTEMS = {Crs.CGCS2000.value: "CGCS2000", Crs.GCJ02.value: "GCJ-02", Crs.BD09.value: "BD-09"}
SHEET = Sheet(
    "问题清单",
    (
        Column("source_number", "清单编号", note="同一编号只受理一次，重复导入不会重复立案", width=18),
        Column("category", "小类代码", note="四位数字，见类别目录", width=10),
        Column("description", "问题描述", width=40),
        Column("found_at", "发现时间", Kind.MOMENT, note="北京时间", width=18),
        Column("area", "居村或网格代码", required=False, note="12 或 15 位；有坐标或地址时可不填", width=18),
        Column("address", "地址", required=False, note="仅有地址时须可唯一识别", width=32),
        Column("lon", "经度", Kind.NUMBER, required=False, width=14),
        Column("lat", "纬度", Kind.NUMBER, required=False, width=14),
        Column("crs", "坐标系", required=False, choices=SYSTEMS, note="有坐标时必填", width=12),
    ),
)
_PLACES = {"/place/point": "lon", "/place/area": "area", "/place/estate_id": "address", "/place": "area"}
EXAMPLE = {
    "source_number": "LX-2026-001", "category": "0202", "description": "3号楼2层楼道堆放纸箱",
    "area": "310101002001", "address": None, "lon": None, "lat": None, "crs": None,
}  # fmt: skip


class ProblemGiven(BaseModel):
    """One row. 问题"""

    source_number: Line
    category: CategoryCode
    description: Text
    found_at: datetime
    area: AreaDigits | None = None
    address: Line | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    crs: Crs | None = None

    def report(self) -> Report:
        """The same in plain values."""
        point = {"lon": None, "lat": None} if self.lon is None or self.lat is None else self._point()
        place = GivenPlace(area=self.area, address=self.address, crs=self.crs, **point)
        return Report(
            CHANNEL, self.category, self.description, self.found_at, place, source_number=self.source_number
        )

    def _point(self) -> dict[str, float | None]:
        return {"lon": float(self.lon or 0), "lat": float(self.lat or 0)}


def problems_of(book: Book) -> list[tuple[Row, Report]]:
    """The rows as reports; what is wrong with cells stands in the book."""
    seen: set[str] = set()
    return [(row, one.report()) for row, one in _given(book) if _fits(book, row, one, seen)]


def _given(book: Book) -> Iterator[tuple[Row, ProblemGiven]]:
    for row in book.rows(SHEET):
        one = book.shape(row, ProblemGiven)
        if one is not None:
            yield row, one


def _fits(book: Book, row: Row, one: ProblemGiven, seen: set[str]) -> bool:
    if one.source_number in seen:
        book.wrong(row, "source_number", "number-twice", "清单编号重复", "the number occurs twice")
    seen.add(one.source_number)
    if len({one.lon is None, one.lat is None, one.crs is None}) > 1:
        zh, en = "经度、纬度、坐标系须一并填写", "give longitude, latitude and their system together"
        book.wrong(row, "lon", "point-incomplete", zh, en)
    return row.sound


def tell(book: Book, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> None:
    """Note what was refused at its cell."""
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, DomainError):
            key = _key(outcome.pointer or "")
            book.wrong(row, key, outcome.code, outcome.text("zh"), outcome.text("en"))


def _key(pointer: str) -> str:
    known = {column.key for column in SHEET.columns}
    name = _PLACES.get(pointer, pointer.strip("/"))
    return name if name in known else "source_number"


class ProblemTaken(Read):
    """What became of one row. 处理结果"""

    source_number: str = Field(description="清单编号", examples=["LX-2026-001"])
    case_id: UUID | None = Field(description="null: only examined (试运行)")
    receipt_number: str | None = Field(description="回执号", examples=["M7Q-4H2K-9TXB-3RW"])
    made: bool = Field(description="false: came before, and is not taken twice (此前已受理)")


class ProblemListTaken(Read):
    """What became of the list. 导入结果"""

    dry_run: bool = Field(description="Nothing was changed (试运行)")
    made: int = Field(description="How many cases it makes, or would make (新增案件数)")
    items: list[ProblemTaken]


def taken_of(outcomes: Sequence[Outcome], *, dry_run: bool) -> ProblemListTaken:
    """The answer; a case that was made only to be examined is not told."""
    rows = [one for one in outcomes if isinstance(one, Taken)]
    items = [_taken(one, told=not (dry_run and one.made)) for one in rows]
    return ProblemListTaken(dry_run=dry_run, made=sum(one.made for one in rows), items=items)


def _taken(one: Taken, *, told: bool) -> ProblemTaken:
    return ProblemTaken(
        source_number=one.case.source_number or "",
        case_id=one.case.id if told else None,
        receipt_number=one.case.receipt_number if told else None,
        made=one.made,
    )
