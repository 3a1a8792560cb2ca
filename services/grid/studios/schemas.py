"""Shapes of studios."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, HistoryStep, Instant, Read, Write
from libs.common.text import Line, Masked, Text
from services.grid.cases.service import ReporterGiven as Teller
from services.grid.fields import AREA, CategoryCode, Photos, ReporterGiven
from services.grid.studios.domain import Hours, StudioFields, VisitKind
from services.grid.studios.service import Attendance, Logged, Matter, Studio, fields_of

AreaCode = Annotated[str, Field(pattern=AREA, examples=["310101002001"])]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]


class HoursWrite(Write):
    """One opening in the week. 开放时段"""

    weekday: Annotated[int, Field(strict=True, ge=1, le=7)] = Field(
        examples=[2], description="1 Monday … 7 Sunday (星期)"
    )
    begins: Clock
    ends: Clock = Field(examples=["11:00"])

    def value(self) -> Hours:
        """As plain values, local time."""
        return Hours(self.weekday, time.fromisoformat(self.begins), time.fromisoformat(self.ends))


OpeningHours = Annotated[list[HoursWrite], Field(min_length=1, max_length=21, description="每周开放时间")]


class StudioCreate(Write):
    """A studio of a neighbourhood. 登记城管社区工作室"""

    area: AreaCode
    unit_id: UUID | None = Field(default=None, description="The unit whose person is there (承担单位)")
    name: Line = Field(examples=["南京东路街道第一居民区城管社区工作室"])
    role: Line = Field(examples=["街道综合行政执法队社区专管员"], description="固定人员职务，不写姓名")
    contact: Line = Field(examples=["021-63210000"], description="公开联系电话")
    place: Line = Field(examples=["居委会一楼接待室"])
    hours: OpeningHours
    valid_from: Day = Field(examples=["2026-12-01"])
    valid_to: Day | None = None
    source: Line = Field(examples=["街道综合行政执法队 2026 年工作室一览表"])

    def fields(self) -> StudioFields:
        """As plain values."""
        return StudioFields(**{**vars(self), "hours": tuple(one.value() for one in self.hours)})


_CLEARED = frozenset({"valid_to", "unit_id"})


class StudioChange(Write):
    """What changes; what is left out stays. 变更工作室"""

    unit_id: UUID | None = None
    name: Line | None = None
    role: Line | None = None
    contact: Line | None = Field(default=None, examples=["021-63210001"])
    place: Line | None = None
    hours: OpeningHours | None = None
    valid_to: Day | None = None
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        told = {name: value for name, value in sent.items() if value is not None or name in _CLEARED}
        return told | ({"hours": tuple(one.value() for one in self.hours)} if self.hours else {})


class HoursRead(Read):
    """One opening in the week, local time. 开放时段"""

    weekday: int
    begins: str = Field(examples=["09:00"])
    ends: str = Field(examples=["11:00"])


class PublicStudio(Read):
    """Where the neighbourhood's studio is, when it is open, how it is reached. 城管社区工作室"""

    area: str
    name: str
    role: str
    contact: str
    place: str
    hours: list[HoursRead]


class StudioRead(PublicStudio):
    """A studio with its days. 城管社区工作室"""

    id: UUID
    version: int
    unit_id: UUID | None
    valid_from: date
    valid_to: date | None
    source: str


class StudioHistory(Read):
    """Every change of a studio. 变更记录"""

    items: list[HistoryStep]


class MatterWrite(Write):
    """What a resident told. 居民诉求"""

    category: CategoryCode
    description: Text = Field(examples=["居民反映3号楼2层楼道长期堆放纸箱"])
    address: Line = Field(examples=["福建中路100弄3号2层楼道"])
    estate_id: UUID | None = None
    photos: Photos = Field(default_factory=list)
    reporter: ReporterGiven | None = None

    def value(self) -> Matter:
        """As plain values."""
        told = self.reporter
        teller = Teller(told.name, told.phone, told.secret, told.consent) if told else None
        return Matter(**{**vars(self), "photos": tuple(self.photos), "reporter": teller})


class LogVisit(Write):
    """Residents were received or visited. 走访接待记录"""

    kind: VisitKind = Field(examples=["reception"])
    begins_at: Instant = Field(examples=["2026-11-23T08:30:00+08:00"])
    ends_at: Instant = Field(examples=["2026-11-23T09:30:00+08:00"])
    people: Annotated[int, Field(strict=True, ge=0, le=10_000)] = Field(
        examples=[6], description="接待走访人数"
    )
    note: Text | None = Field(default=None, examples=["宣传垃圾分类，听取居民意见"])
    matters: list[MatterWrite] = Field(default_factory=list, max_length=20, description="转为案件的居民诉求")

    def logged(self) -> Logged:
        """As plain values."""
        return Logged(**{**vars(self), "matters": tuple(one.value() for one in self.matters)})


class VisitRead(Read):
    """A reception or a visit. 走访接待记录"""

    id: UUID
    version: int
    studio_id: UUID
    area: str
    kind: VisitKind
    begins_at: datetime
    ends_at: datetime
    in_hours: bool = Field(description="Began in the published hours (是否在公布时段)")
    people: int
    note: Masked | None
    case_ids: list[UUID] = Field(description="Cases made of residents' matters (转办案件)")
    logged_by: str
    logged_at: datetime


class AttendanceRow(Read):
    """How many of its openings a studio kept. 定时接待情况"""

    studio_id: UUID
    area: str
    name: str
    planned: int = Field(description="应开放次数")
    kept: int = Field(description="实际接待次数")
    share: float | None = Field(description="null = it was not to be open", examples=[0.9])


class AttendanceRead(Read):
    """How many openings were kept, by studio, with the formula. 定时接待率"""

    since: date
    until: date
    formula_zh: str = "定时接待率 = 公布时段内开始接待的次数 ÷ 公布的开放次数（按现行开放时间计）"
    formula_en: str = (
        "Share = openings in which a reception began / published openings (by the hours as they are)"
    )
    items: list[AttendanceRow]
    next: str | None


def attendance_row(row: Attendance) -> AttendanceRow:
    """One studio with its share."""
    share = row.kept / row.planned if row.planned else None
    return AttendanceRow(
        studio_id=row.studio.id, area=row.studio.area, name=row.studio.name, planned=row.planned,
        kept=row.kept, share=share,
    )  # fmt: skip


def _shown(row: Studio) -> dict[str, Any]:
    hours = [
        {
            "weekday": one.weekday,
            "begins": one.begins.isoformat("minutes"),
            "ends": one.ends.isoformat("minutes"),
        }
        for one in fields_of(row).hours
    ]
    return {**vars(row), "hours": hours}


def studio_read(row: Studio) -> StudioRead:
    """The studio with its days."""
    return StudioRead.model_validate(_shown(row))


def public_studio(row: Studio) -> PublicStudio:
    """The studio as everybody may see it."""
    return PublicStudio.model_validate(_shown(row))
