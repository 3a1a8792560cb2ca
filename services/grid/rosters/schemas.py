"""Shapes of the rota. Names and telephones are shown masked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from libs.common.http.schemas import HistoryStep, Instant, Read, Write
from libs.common.text import Line, Masked, Phone, Text, mask_name, mask_phone
from services.grid.rosters.domain import TurnFields

RoleCode = Annotated[str, Field(pattern=r"^[a-z_]{1,30}$", description="值班角色", examples=["duty_chief"])]
WatchedArea = Annotated[
    str, Field(pattern=r"^[0-9]{2,15}$", description="值守区划代码", examples=["310101002001"])
]
MaskedName = Annotated[str, AfterValidator(mask_name)]
MaskedPhone = Annotated[str, AfterValidator(mask_phone)]


class TurnWrite(Write):
    """A turn on the rota. 值班安排"""

    person: Line = Field(description="Subject at the identity provider", examples=["inspector-07"])
    name: Line = Field(examples=["张三"])
    telephone: Phone | None = Field(default=None, examples=["13812341234"])
    role: RoleCode
    area: WatchedArea
    responsibility_grid_id: UUID | None = Field(
        default=None, description="Part of the area that is theirs; null = all of it (责任网格)"
    )
    starts_at: Instant = Field(examples=["2026-11-23T20:00:00+08:00"])
    ends_at: Instant = Field(examples=["2026-11-24T08:00:00+08:00"])
    substitute: Line | None = Field(default=None, description="Who has their work when they are off (替班人)")
    source: Line = Field(examples=["2026 年 11 月值班表"])

    def fields(self) -> TurnFields:
        """As plain values."""
        return TurnFields(**vars(self))


class TurnsWrite(Write):
    """A rota, taken as a whole or not at all. 值班表"""

    items: list[TurnWrite] = Field(min_length=1, max_length=500)


class TurnChange(Write):
    """What changes; what is left out stays. 调班"""

    person: Line | None = None
    name: Line | None = None
    telephone: Phone | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    substitute: Line | None = Field(default=None, examples=["inspector-08"])
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        clears = ("telephone", "substitute")
        return {name: value for name, value in sent.items() if value is not None or name in clears}


class Why(Write):
    """Why. 理由"""

    reason: Text = Field(examples=["夜间紧急联系"])


class TurnRead(Read):
    """A turn on the rota. 值班安排"""

    id: UUID
    version: int
    person: str
    name: MaskedName = Field(examples=["张**"])
    telephone: MaskedPhone | None
    role: str
    area: str
    responsibility_grid_id: UUID | None = Field(description="责任网格；null = all of the area")
    starts_at: datetime
    ends_at: datetime
    substitute: str | None
    source: str
    cancelled_at: datetime | None


class TurnList(Read):
    """Turns that were registered. 值班安排"""

    items: list[TurnRead]


class ContactRead(Read):
    """Name and telephone in full. 联系方式"""

    name: str
    telephone: str | None


class OnDutyRead(Read):
    """Who is on duty in a role; no turns: nobody, neither there nor in any area around it. 在岗人员"""

    role: str
    role_zh: str
    role_en: str
    area: str | None = Field(description="Area that they are on duty for: the nearest one that has some")
    turns: list[TurnRead]


class OnDutyList(Read):
    """Who is on duty for an area at an instant. 当前值班"""

    area: str
    responsibility_grid_id: UUID | None = Field(
        default=None, description="Of a unit grid, whose it is (责任网格)"
    )
    at: datetime
    items: list[OnDutyRead]


class GapRead(Read):
    """A time in which nobody has the role. 值班空档"""

    role: str
    starts_at: datetime
    ends_at: datetime


class GapList(Read):
    """Every gap of a week, by role. 值班空档"""

    items: list[GapRead]


class TurnStep(HistoryStep):
    """One change of a turn. 变更记录"""

    note: Masked | None


class TurnHistory(Read):
    """Every change of a turn. 变更记录"""

    items: list[TurnStep]
