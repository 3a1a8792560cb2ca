"""Shapes of the notices."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import Instant, Read, Write
from libs.common.text import Phone
from services.grid.notices.domain import REPORTER_OF, NoticeState, Why
from services.grid.notices.service import Notice
from services.grid.templates.domain import Audience, Channel, Occasion

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


def _email(given: str) -> str:
    if not _EMAIL.fullmatch(given):
        raise PydanticCustomError("email", "this is no e-mail address", {"zh": "电子邮件地址无效"})
    return given


Email = Annotated[str, StringConstraints(max_length=200, strict=True), AfterValidator(_email)]
"""An e-mail address (电子邮件)."""


class MyNotice(Read):
    """What one is told in the app. 站内通知"""

    id: UUID
    occasion: Occasion = Field(description="通知事项")
    case_id: UUID | None = Field(description="案件")
    patrol_id: UUID | None = Field(description="巡查任务")
    subject: str | None
    body: str
    urgent: bool
    created_at: datetime
    read_at: datetime | None = Field(description="已读时间；空为未读")


class Unread(Read):
    """How much has not been read. 未读数"""

    count: int


class ReadAll(Write):
    """Up to when everything is read. 全部已读"""

    until: Instant = Field(description="截至该时间", examples=["2026-11-23T10:00:00+08:00"])


class NoticeRead(Read):
    """A line of the delivery log. 通知发送记录"""

    id: UUID
    occasion: Occasion
    audience: Audience
    channel: Channel
    recipient: str | None = Field(description="工号；反映人不显示，无人在岗为空")
    case_id: UUID | None
    patrol_id: UUID | None
    area: str
    subject: str | None
    body: str
    urgent: bool
    gathered: bool = Field(description="汇总发送")
    state: NoticeState = Field(description="待发送、已发送、失败、未发送")
    why: Why | None = Field(description="未发送或失败的原因")
    template_id: UUID
    template_version: int
    created_at: datetime
    due_at: datetime = Field(description="计划发送时间")
    attempts: int = Field(description="已尝试次数")
    sent_at: datetime | None
    read_at: datetime | None

    @classmethod
    def of(cls, row: Notice) -> NoticeRead:
        """A reporter is not named: the case leads to who they are, for those who may know."""
        known = row.recipient and not row.recipient.startswith(REPORTER_OF)
        columns = {name: getattr(row, name) for name in cls.model_fields}
        return cls(**columns | {"recipient": row.recipient if known else None})


class ContactWrite(Write):
    """Where one wants to be told. 通知联系方式"""

    phone: Phone | None = Field(default=None, description="接收短信的手机", examples=["13812341234"])
    email: Email | None = Field(default=None, examples=["zhang@example.gov.cn"])


class ContactRead(Read):
    """One's own, in full. 本人的通知联系方式"""

    phone: str | None
    email: str | None
    changed_at: datetime | None
