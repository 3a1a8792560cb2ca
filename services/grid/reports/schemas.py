"""Shapes of what a reporter is shown before sending."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read
from services.grid.lifecycle.domain import CaseState


class NearCase(Read):
    """An open case that may be the same matter: no description, no address, no person. 疑似重复"""

    id: UUID
    category: str = Field(examples=["0202"])
    state: CaseState
    found_at: datetime
    reported_at: datetime
    area: str = Field(examples=["310101002001001"])
    estate_id: UUID | None
    distance_m: float = Field(description="Metres from the place asked for (距离，米)")
    mine: bool = Field(description="Whether the caller reported it (本人上报)")


class NearCases(Read):
    """The nearest first. 由近及远"""

    items: list[NearCase]
