"""Shapes of the unit's steps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from libs.common.handover.orders import Contact
from libs.common.http.schemas import Instant, PhotoHash, Write
from libs.common.text import Line, Text
from services.tasks.tasks.domain import ReturnReason
from services.tasks.work.service import Outcome, Report

Hashes = Annotated[
    tuple[PhotoHash, ...],
    Field(max_length=20, description="已上传照片的 SHA-256"),
]


class Staff(Write):
    """Section and person; null un-assigns. 内部分派"""

    section: Line | None = None
    assignee: Line | None = Field(default=None, examples=["handler-1"])


class FirstContact(Write):
    """When and with whom the unit first spoke, or why not. 先行联系"""

    contacted_at: Instant | None = None
    person: Line | None = None
    note: Text | None = Field(default=None, examples=["电话无人接听"])

    @model_validator(mode="after")
    def _complete(self) -> FirstContact:
        spoken = self.contacted_at is not None and self.person is not None
        if not spoken and self.note is None:
            zh = "须填写联系时间和联系人，或说明未联系的原因"
            raise PydanticCustomError("incomplete", "say when and whom, or why not", {"zh": zh})
        return self

    def contact(self) -> Contact:
        """As the handover takes it."""
        return Contact(at=self.contacted_at, person=self.person, note=self.note or "")


class Progress(Write):
    """How far it is; `interim`: fit to be passed on to the reporter. 进展、阶段性答复"""

    note: Text = Field(examples=["已联系业主，约定今日清理"])
    interim: bool = False
    photos: Hashes = ()

    def report(self) -> Report:
        """As plain values."""
        return Report(self.note, self.interim, self.photos)


class Extension(Write):
    """More time is asked for. 申请延期"""

    until: Instant = Field(examples=["2026-12-10T18:00:00+08:00"])
    reason: Text = Field(examples=["消防喷淋配件缺货，预计十二月初到货"])


class Return(Write):
    """Why the unit returns the task. 退单"""

    reason: ReturnReason
    note: Text = Field(examples=["该处属区管绿地，非本街道职责"])


class Answer(Write):
    """What came of it. 办理结果"""

    outcome: Literal["solved", "explained"] = Field(description="实际解决、解释说明")
    summary: Text = Field(examples=["楼道堆物已清理，已约谈住户"])
    photos: Hashes = ()
    finished_at: Instant | None = Field(
        default=None, description="Of a repair order, when it was finished; else now (完工时间)"
    )

    def told(self) -> Outcome:
        """As plain values."""
        return Outcome(self.outcome, self.summary, self.photos, self.finished_at)


class Note(Write):
    """A word with the step. 说明"""

    note: Text = Field(examples=["答复未附处置后照片，请补充"])
