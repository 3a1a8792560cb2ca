"""Units 单位: validity, names, membership. Pure.

A unit is a row with dates, not a life cycle: renamed, merged and dissolved units stay and get a last day and,
where there is one, a successor, so that what they were given stays readable.

>>> from datetime import date
>>> in_force(date(2019, 1, 1), None, date(2026, 1, 1))
True
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.areas import check_code
from libs.common.contracts.tasks import UnitSettings
from libs.common.errors import Conflict, Forbidden, Invalid, NotFound


class Origin(StrEnum):
    """Where a reference row comes from (来源)."""

    DOCUMENT = "document"  # 来自规划文件
    LIVE = "live"  # 现行（演示）
    ENTERED = "entered"  # 管理员录入


class MemberRole(StrEnum):
    """What a person is in the unit (成员角色)."""

    CLERK = "clerk"  # 承办人
    HANDLER = "handler"  # 经办人
    LEADER = "leader"  # 负责人
    DEPUTY = "deputy"  # 负责人指定的代签人


SIGNING = (MemberRole.LEADER, MemberRole.DEPUTY)
"""Who lets an answer out (签发)."""


class UnitNotFound(NotFound):
    """No unit has this id (单位不存在)."""

    code = "unit-not-found"
    zh = "单位不存在"
    en = "There is no such unit"


class UnitLinkUnknown(Invalid):
    """A unit that is named as parent, host, successor or member does not exist (关联单位不存在)."""

    code = "unit-link-unknown"
    zh = "关联的单位不存在"
    en = "A unit that is named does not exist"


class UnitNotInForce(Conflict):
    """The unit did not exist on the day (单位已停用或尚未启用)."""

    code = "unit-not-in-force"
    zh = "单位“{name}”在 {day} 不在有效期内"
    en = "The unit '{name}' is not in force on {day}"


class UnitIsGroup(Invalid):
    """A group stands for several units and can be given nothing itself (集合单位)."""

    code = "unit-is-group"
    zh = "“{name}”是集合单位，请选择具体单位"
    en = "'{name}' is a group of units: name the unit itself"


class UnitCodeTaken(Conflict):
    """Another unit has the code (单位代码重复)."""

    code = "unit-code-taken"
    zh = "单位代码“{unit_code}”已被使用"
    en = "The unit code '{unit_code}' is taken"


class DatesInverted(Invalid):
    """The last day lies before the first (日期颠倒)."""

    code = "dates-inverted"
    zh = "停用日期 {valid_to} 早于启用日期 {valid_from}"
    en = "The last day {valid_to} lies before the first day {valid_from}"


class OwnSuccessor(Invalid):
    """A unit is not its own parent, host, successor or member (单位不能指向自身)."""

    code = "unit-points-to-itself"
    zh = "单位不能是自身的上级、依托单位、承接单位或成员"
    en = "A unit cannot be its own parent, host, successor or member"


class MemberNotFound(NotFound):
    """The person is no member of the unit today (非本单位成员)."""

    code = "member-not-found"
    zh = "该人员不是本单位现任成员"
    en = "This person is not a present member of the unit"


class NotYourUnit(Forbidden):
    """A leader changes the members of the own unit only (非本单位)."""

    code = "not-your-unit"
    zh = "只能变更本单位的成员"
    en = "You may change the members of your own unit only"


class SectionUnknown(Invalid):
    """The unit has no such section (科室不存在)."""

    code = "section-unknown"
    zh = "本单位没有科室“{section}”"
    en = "The unit has no section '{section}'"


def in_force(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether the local day lies between the first and the last day, both included."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def overlaps(a: tuple[date | None, date | None], b: tuple[date | None, date | None]) -> bool:
    """Whether two spans of days, both ends included and open where None, have a day in common."""
    (a_from, a_to), (b_from, b_to) = a, b
    starts_in_time = a_from is None or b_to is None or a_from <= b_to
    return starts_in_time and (b_from is None or a_to is None or b_from <= a_to)


def check_dates(valid_from: date | None, valid_to: date | None) -> None:
    """Raises `DatesInverted`."""
    if valid_from and valid_to and valid_to < valid_from:
        raise DatesInverted(
            pointer="/valid_to", valid_from=valid_from.isoformat(), valid_to=valid_to.isoformat()
        )


@dataclass(frozen=True)
class UnitFields:
    """What a unit is, without its id and version: the same for files, API and events (单位信息)."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    area: str
    aliases: tuple[str, ...] = ()
    is_group: bool = False
    member_units: tuple[UUID, ...] = ()
    parent_id: UUID | None = None
    hosted_by_id: UUID | None = None
    successor_id: UUID | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    origin: Origin = Origin.ENTERED
    demonstration: bool = False
    source: str = ""
    settings: UnitSettings = field(default_factory=UnitSettings)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the fields: tells the loader whether a file's row has changed."""
        return hashlib.sha256(repr(self).encode()).digest()


def check_fields(unit_id: UUID, fields: UnitFields) -> None:
    """Raises `DatesInverted`, `OwnSuccessor`, `AreaCodeInvalid`."""
    check_code(fields.area)
    check_dates(fields.valid_from, fields.valid_to)
    links = (*fields.member_units, fields.parent_id, fields.hosted_by_id, fields.successor_id)
    if unit_id in links:
        raise OwnSuccessor()


def links_of(fields: UnitFields) -> frozenset[UUID]:
    """The other units that it names."""
    links = (*fields.member_units, fields.parent_id, fields.hosted_by_id, fields.successor_id)
    return frozenset(link for link in links if link is not None)
