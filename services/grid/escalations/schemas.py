"""Shapes of escalations."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Masked, Text
from services.grid.dossiers.domain import CaseItem
from services.grid.escalations.domain import EscalationReason


class EscalateCase(Write):
    """Why the next level must have it. 升级"""

    reason: Literal["lack_of_power", "request"] = Field(description="权限不足、申请")
    note: Text = Field(examples=["涉及多部门职责，本级无执法权限"])


class EscalationRead(Read):
    """That a case went up a level. 升级记录"""

    id: UUID
    case_id: UUID
    round: int
    from_level: str
    to_level: str
    to_node: UUID | None = Field(description="Node that stood for the level there (升至节点)")
    reason: EscalationReason
    note: Masked | None
    due_at: datetime | None = Field(description="Handling deadline, which stays, UTC (处置时限)")
    at: datetime
    by: str


class EscalationList(Read):
    """Every escalation of a case. 升级记录"""

    items: list[EscalationRead]


class EscalatedCase(Read):
    """What came up to a level, with the case as it stands. 升级案件"""

    escalation: EscalationRead
    case: CaseItem
