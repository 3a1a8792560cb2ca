"""What is asked for when reading."""

from __future__ import annotations

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Text
from services.grid.dossiers.domain import HistoryRead, Purpose


class RevealReporter(Write):
    """Why the reporter's data is needed. 查看理由"""

    purpose: Purpose
    reason: Text = Field(examples=["电话联系反映人确认楼层"])


class HistoryList(Read):
    """Every step of a case. 操作记录"""

    items: list[HistoryRead]
