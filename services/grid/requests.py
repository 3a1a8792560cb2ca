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
from services.grid.checks.domain import CheckMode
from services.grid.fields import CategoryCode, Photos, PlaceGiven, PointGiven, ReporterGiven
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
