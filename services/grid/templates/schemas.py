"""Shapes of the templates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Flag, HistoryStep, Read, Write
from libs.common.text import Line, Text
from services.grid.templates.domain import (
    PLACEHOLDERS,
    Audience,
    Channel,
    Occasion,
    Wording,
    parts_of,
    placeholders_of,
)
from services.grid.templates.service import Template


class PlaceholderRead(Read):
    """A name that the template may hold. 占位符"""

    name: str = Field(examples=["receipt_number"])
    zh: str = Field(examples=["回执号"])


class TemplateRead(Read):
    """What is said on an occasion. 通知模板"""

    id: UUID
    version: int
    occasion: Occasion = Field(description="通知事项")
    audience: Audience = Field(description="通知对象")
    channel: Channel = Field(description="通知方式")
    subject: str | None = Field(description="主题")
    body: str = Field(
        description="正文", examples=["您反映的“{category}”问题已收到，回执号{receipt_number}。"]
    )
    enabled: bool = Field(description="启用")
    urgent: bool = Field(description="紧急：不受静默时段限制，不汇总")
    source: str
    placeholders: list[PlaceholderRead] = Field(description="可用占位符")

    @classmethod
    def of(cls, row: Template) -> TemplateRead:
        """With the names that it may hold."""
        names = sorted(placeholders_of(Occasion(row.occasion), Audience(row.audience)))
        known = [PlaceholderRead(name=name, zh=PLACEHOLDERS[name].zh) for name in names]
        columns = {name: getattr(row, name) for name in cls.model_fields if name != "placeholders"}
        return cls(**columns, placeholders=known)


class TemplateList(Read):
    """All templates. 全部通知模板"""

    items: list[TemplateRead]


class TemplateHistory(Read):
    """Every version, the first one first. 模板历次版本"""

    items: list[HistoryStep]


class TemplateChange(Write):
    """What is to be changed. 修改通知模板"""

    subject: Line | None = None
    body: Text | None = Field(
        default=None, examples=["您反映的“{category}”问题已收到，回执号{receipt_number}。"]
    )
    enabled: Flag | None = None
    urgent: Flag | None = None

    def changes(self) -> dict[str, Any]:
        """What was given; a subject may be taken away."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in given.items() if value is not None or name == "subject"}


class TemplatePreview(Write):
    """Words to try, the template's own where none are given. 预览内容"""

    subject: Line | None = None
    body: Text | None = Field(
        default=None, examples=["您反映的“{category}”问题已收到，回执号{receipt_number}。"]
    )
    case_id: UUID | None = Field(default=None, description="以该案件为例；空则用示例数据")


class PreviewRead(Read):
    """How it would read. 预览结果"""

    subject: str | None
    body: str
    length: int = Field(description="字数")
    parts: int = Field(description="按短信计费条数")

    @classmethod
    def of(cls, made: Wording) -> PreviewRead:
        """With its length."""
        return cls(subject=made.subject, body=made.body, length=len(made.body), parts=parts_of(made.body))
