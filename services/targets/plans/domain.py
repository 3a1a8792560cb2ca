"""Plans 计划: the life cycle and what a plan's fields must keep. Pure.

>>> LIFE.after(PlanState.DRAFT, PlanAction.PUT_IN_FORCE)
<PlanState.IN_FORCE: 'in_force'>
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.areas import check_code
from libs.common.errors import Conflict, Invalid, NotFound
from libs.common.fsm import Machine


class PlanState(StrEnum):
    """Where a plan stands (计划状态)."""

    DRAFT = "draft"  # 草案
    IN_FORCE = "in_force"  # 执行中
    CONCLUDED = "concluded"  # 已结束


class PlanAction(StrEnum):
    """What can be done with a plan (操作)."""

    PUT_IN_FORCE = "put-in-force"  # 启动执行
    CONCLUDE = "conclude"  # 结束


class PlanLevel(StrEnum):
    """Whose plan it is (层级)."""

    CITY = "city"  # 市级
    DISTRICT = "district"  # 区级
    TOWN = "town"  # 街镇级


class Origin(StrEnum):
    """Where a plan or a target comes from (来源)."""

    DOCUMENT = "document"  # 规划文件
    DEMONSTRATION = "demonstration"  # 演示
    ENTERED = "entered"  # 录入


class Basis(StrEnum):
    """Whether the source says it or it was inferred (依据)."""

    STATED = "stated"  # 原文载明
    INFERRED = "inferred"  # 推定


LIFE = Machine(
    name="plan",
    initial=PlanState.DRAFT,
    table={
        (PlanState.DRAFT, PlanAction.PUT_IN_FORCE): PlanState.IN_FORCE,
        (PlanState.IN_FORCE, PlanAction.CONCLUDE): PlanState.CONCLUDED,
    },
)


class PlanNotFound(NotFound):
    """No plan has this id (计划不存在)."""

    code = "plan-not-found"
    zh = "计划不存在"
    en = "There is no such plan"


class PlanCodeTaken(Conflict):
    """Another plan has the code (计划代码重复)."""

    code = "plan-code-taken"
    zh = "计划代码“{plan_code}”已被使用"
    en = "The plan code '{plan_code}' is taken"


class PlanExists(Conflict):
    """Another plan stands under the id (标识已被使用)."""

    code = "plan-exists"
    zh = "该标识下已有另一计划，变更请使用 PATCH"
    en = "Another plan stands under this id; change it with PATCH"


class PlanConcluded(Conflict):
    """A concluded plan is not changed any more (计划已结束)."""

    code = "plan-concluded"
    zh = "计划“{title}”已结束，不能再变更"
    en = "The plan '{title}' is concluded and cannot be changed"


class PeriodInverted(Invalid):
    """The last day lies before the first (起止日期颠倒)."""

    code = "period-inverted"
    zh = "结束日期 {last} 早于开始日期 {first}"
    en = "The last day {last} lies before the first day {first}"


class ParentPlanInvalid(Invalid):
    """The plan above does not exist, or lies in another area (上级计划无效)."""

    code = "parent-plan-invalid"
    zh = "上级计划不存在、是其自身或不覆盖本计划的区域"
    en = "The plan above does not exist, is the plan itself or does not cover its area"


@dataclass(frozen=True)
class PlanFields:
    """What a plan is, without its id, version and state (计划要素)."""

    code: str
    title_zh: str
    title_en: str
    level: PlanLevel
    area: str
    doc_no: str | None = None
    issued: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    """Last day; None = no end is stated: the plan stays in force."""
    period_inferred: bool = False
    parent_id: UUID | None = None
    parent_basis: Basis | None = None
    sources: tuple[str, ...] = ()
    """Public titles of the documents."""
    missing: str = ""
    """What the sources name and do not include."""
    origin: Origin = Origin.ENTERED
    demonstration: bool = False

    @property
    def digest(self) -> bytes:
        """SHA-256 of the fields: tells the loader whether a file's row has changed."""
        return hashlib.sha256(repr(self).encode()).digest()


def check_plan(plan_id: UUID, fields: PlanFields) -> None:
    """Raises `AreaCodeInvalid`, `PeriodInverted`, `ParentPlanInvalid`."""
    check_code(fields.area)
    first, last = fields.period_from, fields.period_to
    if first and last and last < first:
        raise PeriodInverted(pointer="/period_to", first=first.isoformat(), last=last.isoformat())
    if fields.parent_id == plan_id:
        raise ParentPlanInvalid(pointer="/parent_id")


def check_open(state: PlanState, title: str) -> None:
    """Raises `PlanConcluded`."""
    if state is PlanState.CONCLUDED:
        raise PlanConcluded(title=title)


def is_over(period_to: date | None, today: date) -> bool:
    """Whether the period has passed on the local day; a plan without an end is never over.

    >>> is_over(None, date(2030, 1, 1)), is_over(date(2020, 12, 31), date(2021, 1, 1))
    (False, True)
    """
    return period_to is not None and period_to < today
