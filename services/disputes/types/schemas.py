"""Shapes of the dispute types."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Read, Write
from libs.common.text import Line
from services.disputes.types.domain import CODE, Basis, TypeFields

Code = Annotated[str, Field(pattern=CODE, description="纠纷类型代码", examples=["parking"])]


class TypeVersionRead(Read):
    """One version of a type. 类型版本"""

    id: UUID
    revision: int
    name_zh: str = Field(examples=["停车纠纷"])
    name_en: str = Field(examples=["Parking"])
    group_code: str = Field(description="类型大类", examples=["common-space"])
    statistic: str = Field(description="人民调解统计报表中的类别", examples=["物业"])
    basis: Basis = Field(description="named 文件列明 | implied 条文引申 | entered 管理员录入")
    source: str
    effective_from: date
    effective_to: date | None = Field(description="最后一日；空表示现行")


class TypeRead(Read):
    """A dispute type with all its versions, the last one last. 纠纷类型"""

    id: UUID
    version: int
    code: str = Field(examples=["parking"])
    versions: list[TypeVersionRead]


class TypeList(Read):
    """The dispute types. 纠纷类型表"""

    items: list[TypeRead]


class TypeWrite(Write):
    """What a new version says. 修订类型"""

    name_zh: Line = Field(examples=["停车纠纷"])
    name_en: Line = Field(examples=["Parking"])
    group: Code = Field(examples=["common-space"])
    statistic: Line = Field(default="物业", description="人民调解统计报表中的类别")
    source: Line = Field(examples=["区司法局 2026 年第 3 号通知"])
    effective_from: Day = Field(examples=["2027-01-01"])

    def fields(self) -> TypeFields:
        """As plain values."""
        return TypeFields(
            zh=self.name_zh, en=self.name_en, group=self.group, statistic=self.statistic,
            basis=Basis.ENTERED, source=self.source,
        )  # fmt: skip


class TypeCreate(TypeWrite):
    """A new type. 新增类型"""

    code: Code


class TypeEnd(Write):
    """The last day on which it is given to a dispute. 停用类型"""

    last_day: Day = Field(examples=["2027-06-30"])
