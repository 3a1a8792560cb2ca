"""Dispute types as values: reading the file, what makes a version. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from libs.common.errors import Conflict, Invalid, NotFound

CODE = r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$"
"""Form of the code of a type (纠纷类型代码)."""


class Basis(StrEnum):
    """How the type is founded (依据)."""

    NAMED = "named"  # 文件列明
    IMPLIED = "implied"  # 文件条文引申
    ENTERED = "entered"  # 管理员录入


class TypeUnknown(Invalid):
    """No such type is in force (纠纷类型不存在或已停用)."""

    code = "dispute-type-unknown"
    zh = "纠纷类型“{type}”不存在或已停用"
    en = "There is no dispute type '{type}' in force"


class TypeNotFound(NotFound):
    """No type has this code (纠纷类型不存在)."""

    code = "dispute-type-not-found"
    zh = "没有代码为“{type}”的纠纷类型"
    en = "There is no dispute type with code '{type}'"


class TypeCodeTaken(Conflict):
    """Another type has the code (纠纷类型代码重复)."""

    code = "dispute-type-code-taken"
    zh = "纠纷类型代码“{type}”已被使用"
    en = "The code '{type}' is taken by another dispute type"


class VersionNotLater(Conflict):
    """A version takes effect after the one before it (生效日期须晚于上一版)."""

    code = "effective-date-not-later"
    zh = "生效日期须晚于上一版的 {last}"
    en = "The effective date must be later than that of the last version, {last}"


class TypeEnded(Conflict):
    """The type has a last day already (纠纷类型已停用)."""

    code = "dispute-type-ended"
    zh = "纠纷类型“{type}”已自 {day} 后停用"
    en = "The dispute type '{type}' ends with {day}"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TypeFields(_File):
    """What one version of a type says (类型内容), the same for file, API and event."""

    zh: str
    en: str
    group: str
    statistic: str = Field(description="Category of the monthly form of people's mediation (统计类别)")
    basis: Basis
    source: str

    @property
    def columns(self) -> dict[str, str]:
        """As column values."""
        return {
            "name_zh": self.zh,
            "name_en": self.en,
            "group_code": self.group,
            "statistic": self.statistic,
            "basis": self.basis.value,
            "source": self.source,
        }


class TypeRow(TypeFields):
    """One type as the file gives it; its source is a key of the file's `sources`."""

    code: str = Field(pattern=CODE)


class GroupRow(_File):
    """A group of types (类型大类)."""

    zh: str
    en: str


class TypeFile(_File):
    """`types.yaml`."""

    effective_from: date
    sources: Mapping[str, str]
    groups: Mapping[str, GroupRow]
    types: tuple[TypeRow, ...]

    def fields_of(self, row: TypeRow) -> TypeFields:
        """The row with its sources spelled out."""
        named = "；".join(self.sources[key] for key in row.source.split())
        return TypeFields(**row.model_dump(exclude={"code", "source"}), source=named)


def day_before(day: date) -> date:
    """The last day of what a version from `day` on replaces."""
    return day - timedelta(days=1)


def check_next(code: str, last: tuple[date, date | None], effective_from: date) -> None:
    """A version may follow the last one, of which first and last day are given.

    Raises `VersionNotLater`, `TypeEnded`.
    """
    first, ended = last
    if ended is not None:
        raise TypeEnded(type=code, day=ended.isoformat())
    if effective_from <= first:
        raise VersionNotLater(last=first.isoformat(), pointer="/effective_from")
