"""Shapes of reading tasks."""

from __future__ import annotations

from pydantic import Field

from libs.common.contracts.handover import Contents
from libs.common.http.schemas import Read, Write
from libs.common.text import Line
from services.tasks.dossiers.domain import StepRead, TaskRead


class StepList(Read):
    """The steps of a task, oldest first. 操作历史"""

    items: list[StepRead]


class TaskList(Read):
    """Tasks of one joint handling. 会同处置任务"""

    items: list[TaskRead]


class Reveal(Write):
    """Why the personal data is needed. 查看理由"""

    reason: Line = Field(examples=["电话约定上门时间"])


class Revealed(Read):
    """What the sender told, in full. 完整信息"""

    contents: Contents
