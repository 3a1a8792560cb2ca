"""Shapes of the mediation bodies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Read, Write
from libs.common.text import Line
from services.disputes.bodies.domain import BodyFields, BodyKind, Origin, Tier

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.\-]{1,59}$", examples=["310107005.social-org-1"])]
AreaCode = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$", description="区、街镇或居村代码", examples=["310107005"]
    ),
]


class BodyRead(Read):
    """A mediation body. 调解组织"""

    id: UUID
    version: int
    code: str = Field(examples=["310107005.centre"])
    name_zh: str = Field(examples=["曹杨新村街道物业纠纷调解联合中心"])
    name_en: str
    kind: BodyKind = Field(description="工作室、联合中心、区调委会、人民调解委员会、调处型社会组织")
    tier: Tier = Field(description="居村、街镇、区")
    area: str
    committee_code: str = Field(description="所用印章、案号的人民调解委员会")
    committee_zh: str = Field(examples=["曹杨新村街道人民调解委员会"])
    committee_en: str
    number_word: str = Field(description="案号字", examples=["曹杨新村街道人调"])
    valid_from: date | None
    valid_to: date | None = Field(description="最后一日；空表示现行")
    origin: Origin
    demonstration: bool = Field(description="Made for demonstration (演示)")
    source: str
    updated_at: datetime


class BodyCreate(Write):
    """A new mediation body. 登记调解组织"""

    code: Code
    name_zh: Line = Field(examples=["曹杨新村街道和谐调解服务中心"])
    name_en: Line = Field(examples=["Harmony Mediation Service, Caoyang"])
    kind: BodyKind = Field(examples=["social_org"])
    tier: Tier = Field(examples=["township"])
    area: AreaCode
    committee_code: Code = Field(examples=["310107005.people-mediation"])
    committee_zh: Line = Field(examples=["曹杨新村街道人民调解委员会"])
    committee_en: Line = Field(examples=["People's Mediation Committee, Caoyang"])
    number_word: Line = Field(examples=["曹杨新村街道人调"], description="案号字")
    valid_from: Day | None = Field(default=None, examples=["2026-11-01"])
    valid_to: Day | None = None
    source: Line = Field(examples=["区司法局 2026 年第 12 号"])

    def fields(self) -> BodyFields:
        """As plain values."""
        return BodyFields(**vars(self))


class BodyChange(Write):
    """What changes: name, committee, an end. Fields that are left out stay. 变更调解组织"""

    name_zh: Line | None = None
    name_en: Line | None = None
    committee_code: Code | None = None
    committee_zh: Line | None = None
    committee_en: Line | None = None
    number_word: Line | None = None
    valid_from: Day | None = None
    valid_to: Day | None = Field(default=None, examples=["2026-12-31"])
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears a date and is no name."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {n: v for n, v in sent.items() if v is not None or n in ("valid_from", "valid_to")}
