"""Shapes of the officer's steps."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import Flag, Instant, Write
from libs.common.text import Line, Text
from services.grid.handlings.domain import Contactor, Finding, Result


class FirstContact(Write):
    """When and with whom, or why not. 先行联系"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"contacted_at": "2026-11-23T09:50:00+08:00", "person": "张先生"},
                {"reason": "电话无人接听，已发短信告知"},
            ]
        }
    )

    by: Contactor = Field(default=Contactor.OFFICER, description="Who made it (联系人身份)")
    contacted_at: Instant | None = Field(default=None, examples=["2026-11-23T09:50:00+08:00"])
    person: Line | None = Field(default=None, description="Who was spoken to (被联系人)", examples=["张先生"])
    reason: Text | None = Field(default=None, description="未联系的原因", examples=["电话无人接听"])

    @model_validator(mode="after")
    def _complete(self) -> FirstContact:
        reached = self.contacted_at is not None and self.person is not None
        tried = self.contacted_at is None and self.reason is not None
        if not reached and not tried:
            zh = "已联系须填写时间和联系人，未联系须填写原因"
            raise PydanticCustomError("incomplete", "say when and with whom, or why not", {"zh": zh})
        return self


class NameAccused(Write):
    """The complained-of unit. 被诉单位"""

    unit_id: UUID = Field(examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"], description="单位")


class AskReturn(Write):
    """Why the hotline should take it back. 退单理由"""

    reason_code: Literal["wrong-address", "not-our-duty", "not-accepted", "other"] = "wrong-address"
    reason: Text = Field(examples=["诉求地址属相邻街道"])


class Reason(Write):
    """Why. 理由"""

    reason: Text = Field(examples=["涉及多部门，需会商"])


class Note(Write):
    """What the caller was told. 答复内容"""

    note: Text = Field(examples=["已电话告知：该诉求已转人民调解，办结后另行答复"])


class ReplyForm(Write):
    """The reply form. 答复单"""

    finding: Finding = Field(description="事实认定", examples=["true"])
    finding_note: Text = Field(description="事实认定说明", examples=["经现场核实，2层楼道堆放纸箱约2立方米"])
    result: Result = Field(description="处理结果：实际解决、解释说明", examples=["solved"])
    method: Literal["telephone", "visit", "letter", "message", "other"] = Field(
        description="答复方式", examples=["telephone"]
    )
    told_at: Instant = Field(description="答复时间", examples=["2026-11-23T09:58:00+08:00"])
    points: Text = Field(description="答复要点", examples=["堆物已清理，已约谈住户"])
    may_publish: Flag = Field(description="是否公开")
    department: Line = Field(description="处置部门", examples=["南京东路街道城运中心"])
    responsible: Line = Field(description="负责人", examples=["李主任"])
    deputy: Line | None = Field(default=None, description="分管领导")
