"""Bodies of the commands that come alone or in a queue: what the inspectors' app sends. 移动端指令内容

The rooms whose routes take them read them from here, and so does `syncs`, which takes them many at a time.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from libs.common.coordinates import to_cgcs2000
from libs.common.http.schemas import Flag, Instant, Moment, Number, Write
from libs.common.text import Line, Text
from services.grid.dispatches.domain import Order, Partner
from services.grid.fields import CategoryCode, Photos, PlaceGiven, PointGiven, ReporterGiven
from services.grid.lifecycle.domain import CheckMode
from services.grid.questions.domain import MOST_QUESTIONS, Code, FormGiven

Answer = Text | Number | list[Line]
"""By the kind of its question (答案)."""


class SelfHandledGiven(Write):
    """Put right on the spot by the inspector. 自行处置"""

    standard: str = Field(min_length=1, max_length=30, examples=["found"])
    photos: Photos = Field(min_length=1)
    note: Text = Field(examples=["已现场清理"])
    outcome: Literal["solved", "explained"] = "solved"


class FormAnswers(Write):
    """What was answered, by which version. 答卷"""

    form_version: int = Field(strict=True, ge=1, le=100_000, examples=[1])
    answers: dict[Code, Answer] = Field(
        max_length=MOST_QUESTIONS, examples=[{"place": "corridor", "blocks_exit": "yes"}]
    )

    def given(self) -> FormGiven:
        """As plain values."""
        return FormGiven(self.form_version, self.answers)


class ReportCase(Write):
    """A report. 上报"""

    channel: str = Field(min_length=1, max_length=30, examples=["inspector"])
    category: CategoryCode = Field(examples=["0202"])
    description: Text = Field(examples=["3 号楼 2 层楼道堆放纸箱，影响通行"])
    found_at: Moment = Field(examples=["2026-11-22T10:00:00+08:00"])
    place: PlaceGiven
    reporter: ReporterGiven | None = Field(
        default=None, examples=[{"name": "张三", "phone": "13812341234", "consent": True}]
    )
    photos: Photos = Field(default_factory=list)
    source_number: Line | None = Field(default=None, description="The channel's own number (来源编号)")
    self_handled: SelfHandledGiven | None = None
    form: FormAnswers | None = Field(default=None, description="Answers to the category's form (分类问卷)")


class CorrectCase(Write):
    """What is put right; what is left out stays. 更正"""

    category: CategoryCode | None = None
    description: Text | None = Field(default=None, examples=["5 号楼 2 层楼道堆放纸箱，影响通行"])
    found_at: Moment | None = None
    place: PlaceGiven | None = None
    photos: Photos = Field(default_factory=list)
    form: FormAnswers | None = Field(default=None, description="Answered anew (重新答卷)")
    reason: Text = Field(examples=["楼号写错"])


class WithdrawCase(Write):
    """Why it is taken back. 撤回理由"""

    reason: Text = Field(examples=["重复上报"])


class SupplementCase(Write):
    """What has become known. 补充"""

    text: Text = Field(examples=["居民称又新增一处"])
    photos: Photos = Field(default_factory=list)


class Verified(Write):
    """What was found on site. 核实结果"""

    confirmed: Flag = Field(description="属实")
    note: Text = Field(examples=["现场确有堆物"])
    photos: Photos = Field(default_factory=list)


class Checked(Write):
    """What was found of the result. 核查结果"""

    passed: Flag = Field(description="核查通过")
    mode: CheckMode = Field(default=CheckMode.ON_SITE, description="实地抽查、网上核查")
    note: Text = Field(examples=["已清理干净"])
    photos: Photos = Field(default_factory=list)
    unit_ids: list[UUID] = Field(
        default_factory=list, max_length=20, description="Whose work failed; none = the lead's (返工单位)"
    )


class ProgressGiven(Write):
    """How far it is. 进展"""

    note: Text = Field(examples=["已联系业主，约定今日清理"])
    photos: Photos = Field(default_factory=list)


class ReturnGiven(Write):
    """Not our duty. 退单"""

    reason_code: Literal["not-our-duty", "outside-our-area", "lack-of-power", "other"]
    reason: Text = Field(examples=["属消防部门职责"])


class AnswerGiven(Write):
    """The feedback with its evidence. 处置反馈"""

    outcome: Literal["solved", "explained"] = Field(description="实际解决、解释说明")
    summary: Text = Field(examples=["已清理完毕"])
    photos: Photos = Field(default_factory=list, examples=[["b" * 64]])


class AskExtension(Write):
    """More time. 申请延期"""

    reason: Text = Field(examples=["需等待材料到场"])


class AskSuspension(Write):
    """Stop the clock until a day. 申请挂账"""

    reason: Text = Field(examples=["需列入年度维修计划"])
    until: Instant = Field(examples=["2027-03-01T00:00:00+08:00"])


class CheckInGiven(Write):
    """That one has been there. 打卡"""

    at: Instant = Field(
        description="By the device's clock (打卡时间)", examples=["2026-11-23T09:50:00+08:00"]
    )
    result: Literal["normal", "found"] = Field(description="正常、发现问题")
    point: PointGiven | None = Field(default=None, description="Where one was (打卡位置)")
    case_id: UUID | None = Field(default=None, description="Case made from what was found (关联案件)")
    note: Text | None = Field(default=None, examples=["地下室无住人、无堆物"])
    photos: Photos = Field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The same in plain values, the place in CGCS2000. Raises `CoordinateInvalid`."""
        place = to_cgcs2000(self.point.lon, self.point.lat, self.point.crs) if self.point else None
        return {
            "at": self.at, "result": self.result, "place": place, "case_id": self.case_id,
            "note": self.note, "photos": tuple(self.photos),
        }  # fmt: skip


class DispatchCase(Write):
    """To a unit, or to the grid's own squad. 派遣"""

    unit_id: UUID | None = Field(default=None, description="处置单位")
    squad: Line | None = Field(default=None, description="自有队伍", examples=["网格处置一队"])
    handler: Line | None = Field(default=None, description="Who of the squad; else whoever begins (处置人)")
    level: str | None = Field(default=None, max_length=30, description="办理层级", examples=["subdistrict"])
    relation: str | None = Field(default=None, max_length=30, description="位置关系，如 after_meter")
    note: Text | None = None
    withhold_reporter: Flag = Field(default=False, description="The unit is the accused (单位为被投诉方)")

    def order(self) -> Order:
        """As plain values."""
        return Order(**{name: getattr(self, name) for name in DispatchCase.model_fields})


class PartnerGiven(Write):
    """A unit beside the lead. 会同单位"""

    unit_id: UUID = Field(description="会同单位", examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"])
    due_at: Instant | None = Field(default=None, description="Its own limit; none = the case's (会同时限)")
    note: Text | None = Field(
        default=None, description="What it is wanted for (会同事项)", examples=["到场维持秩序"]
    )
    withhold_reporter: Flag = Field(default=False, description="The unit is the accused (单位为被投诉方)")

    def partner(self) -> Partner:
        """As plain values."""
        return Partner(self.unit_id, self.due_at, self.note, self.withhold_reporter)
