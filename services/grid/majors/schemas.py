"""Shapes of major matters."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import Instant, Read, Write
from libs.common.text import Line, Masked, Text
from services.grid.fields import AREA
from services.grid.majors.domain import Casualties, MajorState, Matter, ReportKind, Told

KIND = r"^[a-z_-]{1,30}$"
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]
AreaGiven = Annotated[
    str, StringConstraints(strict=True, pattern=AREA), WithJsonSchema({"type": "string", "pattern": AREA})
]


class CasualtiesGiven(Write):
    """Who was hurt; what is left out is not known yet. 伤亡情况"""

    dead: Count | None = Field(default=None, description="死亡人数")
    injured: Count | None = Field(default=None, description="受伤人数", examples=[2])
    missing: Count | None = Field(default=None, description="失联人数")
    persons: Text | None = Field(
        default=None, description="Who they are (伤亡人员)", examples=["两名住户轻伤"]
    )

    def plain(self) -> Casualties:
        """As plain values."""
        return Casualties(self.dead, self.injured, self.missing, self.persons)


class MoreToTell(Write):
    """A follow-up or the final report. 续报、终报"""

    text: Text = Field(examples=["明火已扑灭，伤者已送医，正在排查同幢线路"])
    casualties: CasualtiesGiven = CasualtiesGiven()

    def plain(self) -> Told:
        """As plain values."""
        return Told(self.text, self.casualties.plain())


class ReportMajor(Write):
    """What happened, of a case, in an estate or in an area: exactly one of the three. 重大事项初报"""

    kind: str = Field(pattern=KIND, description="A kind of the rules (类别)", examples=["fire"])
    occurred_at: Instant = Field(examples=["2026-11-23T09:40:00+08:00"])
    text: Text = Field(examples=["3号楼2层电动自行车起火，消防已到场"])
    case_id: UUID | None = Field(default=None, description="关联案件")
    estate_id: UUID | None = Field(default=None, description="小区")
    area: AreaGiven | None = Field(default=None, description="区划代码", examples=["310101002001"])
    address: Line | None = Field(default=None, examples=["福建中路100弄3号"])
    casualties: CasualtiesGiven = CasualtiesGiven()

    @model_validator(mode="after")
    def _one_place(self) -> ReportMajor:
        if sum(each is not None for each in (self.case_id, self.estate_id, self.area)) != 1:
            zh = "须且仅须指明案件、小区、区划之一"
            raise PydanticCustomError("major_place", "name one of case, estate and area", {"zh": zh})
        return self

    def plain(self) -> Matter:
        """As plain values."""
        told = Told(self.text, self.casualties.plain())
        return Matter(
            self.kind, self.occurred_at, told, self.case_id, self.estate_id, self.area, self.address
        )


class Why(Write):
    """Why it must be read. 查看理由"""

    reason: Line = Field(examples=["联系家属"])


class MajorItem(Read):
    """A major matter in a list. 重大事项"""

    id: UUID
    version: int
    kind: str = Field(examples=["fire"])
    state: MajorState
    area: str
    estate_id: UUID | None
    case_id: UUID | None
    occurred_at: datetime
    reported_at: datetime
    reports: int = Field(description="报告次数")
    concluded_at: datetime | None


class ReportRead(Read):
    """One report. 初报、续报、终报"""

    serial: int
    kind: ReportKind
    told: Masked
    dead: int | None = Field(description="Told to duty chief and leader alone (死亡人数)")
    injured: int | None = Field(description="受伤人数")
    missing: int | None = Field(description="失联人数")
    at: datetime
    by: str
    role: str
    unreached: list[str] = Field(description="Levels that nobody stands for there (无节点层级)")


class NoticeRead(Read):
    """That a node was told of a report, and who has it there. 通知与签收"""

    id: UUID
    major_id: UUID
    serial: int = Field(description="Number of the report (报告序号)")
    node_id: UUID
    node: str = Field(description="节点名称", examples=["南京东路街道网格化综合管理中心(演示)"])
    level: str
    sent_at: datetime
    due_at: datetime = Field(description="By when an officer says so, UTC (签收时限)")
    received_at: datetime | None
    received_by: str | None
    officer: str | None = Field(description="签收人姓名")
    overdue_at: datetime | None = Field(description="Marked as overdue (签收超时)")


class MajorRead(MajorItem):
    """A major matter with its reports and notices, the first ones first. 重大事项详情"""

    address: str | None = Field(description="Down to lane or house number (脱敏)")
    reported_by: str
    reports_made: list[ReportRead]
    notices: list[NoticeRead]


class MajorList(Read):
    """The major matters of a case. 案件的重大事项"""

    items: list[MajorItem]


class CasualtiesRead(Read):
    """Who was hurt, as one report says. 伤亡情况（完整信息）"""

    serial: int
    dead: int | None
    injured: int | None
    missing: int | None
    persons: str | None
    at: datetime


class CasualtiesList(Read):
    """Who was hurt, by report. 伤亡情况"""

    items: list[CasualtiesRead]
