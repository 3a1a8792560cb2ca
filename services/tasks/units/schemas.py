"""Shapes of units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.contracts.tasks import UnitSettings
from libs.common.http.schemas import Day, Read, Write
from libs.common.text import Line
from services.tasks.units.domain import MemberRole, Origin, UnitFields

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.\-]{1,59}$", examples=["310101.housing-bureau"])]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z\-]{1,39}$", examples=["enforcement-team"])]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{2,15}$", examples=["310101002"])]
Hours = Annotated[
    str,
    Field(
        pattern=r"^([0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d)(,[0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d){0,3}$",
        examples=["09:00-12:00,13:00-17:30"],
    ),
]


class SettingsWrite(Write):
    """How the unit works inside. 单位设置"""

    sign_off_required: bool = Field(default=False, description="须经负责人签发")
    office_hours: Hours | None = Field(default=None, description="办公时间")
    sections: tuple[Line, ...] = Field(default=(), max_length=50, description="内设科室")


class UnitRead(Read):
    """A unit. 单位"""

    id: UUID
    version: int
    code: str
    name_zh: str = Field(examples=["南京东路街道综合行政执法队"])
    name_en: str
    kind: str
    area: str
    aliases: list[str]
    is_group: bool = Field(description="An open set such as 各街镇 (集合单位)")
    member_units: list[UUID]
    parent_id: UUID | None
    hosted_by_id: UUID | None
    successor_id: UUID | None
    valid_from: date | None
    valid_to: date | None = Field(description="Last day; null = still there (停用日期)")
    origin: Origin
    demonstration: bool = Field(description="Made for demonstration (演示)")
    source: str
    settings: UnitSettings
    updated_at: datetime


class UnitCreate(Write):
    """A new unit. 登记单位"""

    code: Code
    name_zh: Line = Field(examples=["南京东路街道综合行政执法队"])
    name_en: Line = Field(examples=["Integrated Enforcement Team, Nanjing Road East"])
    kind: Kind
    area: AreaCode
    aliases: tuple[Line, ...] = Field(default=(), max_length=20)
    is_group: bool = False
    member_units: tuple[UUID, ...] = Field(default=(), max_length=300)
    parent_id: UUID | None = None
    hosted_by_id: UUID | None = None
    successor_id: UUID | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line = Field(examples=["区委编办 2026 年第 12 号"])
    settings: SettingsWrite = SettingsWrite()

    def fields(self) -> UnitFields:
        """As plain values."""
        return UnitFields(**(vars(self) | {"settings": UnitSettings(**vars(self.settings))}))


class UnitChange(Write):
    """What changes: rename, end with a successor, settings. Fields that are left out stay. 变更单位"""

    name_zh: Line | None = Field(default=None, examples=["南京东路街道综合行政执法大队"])
    name_en: Line | None = None
    area: AreaCode | None = None
    aliases: tuple[Line, ...] | None = Field(default=None, max_length=20)
    member_units: tuple[UUID, ...] | None = Field(default=None, max_length=300)
    parent_id: UUID | None = None
    hosted_by_id: UUID | None = None
    successor_id: UUID | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line | None = None
    settings: SettingsWrite | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears a link or a date and is no name, list or setting."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        told = {name: value for name, value in sent.items() if value is not None or name in CLEARABLE}
        settings = told.get("settings")
        return told | ({"settings": UnitSettings(**vars(settings))} if settings else {})


CLEARABLE = frozenset({"parent_id", "hosted_by_id", "successor_id", "valid_from", "valid_to"})


class MemberRead(Read):
    """A person in a unit. 成员"""

    id: UUID
    unit_id: UUID
    subject: str
    name: str
    role: MemberRole
    section: str | None
    valid_from: date
    valid_to: date | None


class MemberList(Read):
    """The members of a unit. 成员名单"""

    items: list[MemberRead]


class MemberCreate(Write):
    """Put a person into the unit; a leader names deputies so. 任命成员"""

    subject: Line = Field(examples=["clerk-310101002"])
    name: Line = Field(examples=["李四"])
    role: MemberRole
    section: Line | None = None
    valid_from: Day | None = None
    valid_to: Day | None = Field(default=None, description="Last day, such as of a deputy (代签截止日)")
