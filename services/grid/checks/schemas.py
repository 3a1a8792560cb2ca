"""Shapes of verifying and checking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Line, Masked
from services.grid.checks.domain import CheckKind, CheckMode
from services.grid.dossiers.domain import CaseItem


class AssignInspector(Write):
    """Who shall do it. 指派网格员"""

    inspector: Line = Field(description="Subject at the identity provider", examples=["inspector-07"])


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
