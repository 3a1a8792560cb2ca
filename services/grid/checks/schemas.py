"""Shapes of verifying and checking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Flag, Read, Write
from libs.common.text import Line, Masked, Text
from services.grid.checks.domain import CheckKind, CheckMode
from services.grid.dossiers.domain import CaseItem
from services.grid.fields import Photos


class AssignInspector(Write):
    """Who shall do it. 指派网格员"""

    inspector: Line = Field(description="Subject at the identity provider", examples=["inspector-07"])


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


class CheckRead(Read):
    """A verification or check. 核实、核查任务"""

    id: UUID
    case_id: UUID
    kind: CheckKind
    round: int
    rework: int
    inspector: str
    assigned_at: datetime
    due_at: datetime
    done_at: datetime | None
    good: bool | None = Field(description="Confirmed or passed; null = not done, or taken away")
    mode: CheckMode | None
    note: Masked | None


class CheckList(Read):
    """Every verification and check of a case. 核实、核查记录"""

    items: list[CheckRead]


class CheckTask(Read):
    """What I have to verify or check, with the case. 我的核实、核查任务"""

    check: CheckRead
    case: CaseItem
