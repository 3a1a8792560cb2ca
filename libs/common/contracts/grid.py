"""What `grid` publishes 网格服务发布的事件: cases, orders as facts; places, categories, rules in full state.

None of it holds personal data or free text: places are area codes, reasons are codes.

>>> CategoryChanged.type, CATEGORIES.name
('cn.jiayuan.grid.category.changed.v1', 'jiayuan.grid.category.v1')
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.contracts.cases import EVENTS as CASE_EVENTS
from libs.common.contracts.estates import EVENTS as ESTATE_EVENTS
from libs.common.contracts.majors import EVENTS as MAJOR_EVENTS
from libs.common.contracts.notices import EVENTS as NOTICE_EVENTS
from libs.common.contracts.orders import EVENTS as ORDER_EVENTS
from libs.common.contracts.places import EVENTS as PLACE_EVENTS
from libs.common.contracts.watches import EVENTS as WATCH_EVENTS
from libs.common.events.contract import DataClass, Event, Topic

CATEGORIES = Topic(
    owner="grid",
    noun="category",
    data_class=DataClass.PUBLIC,
    readers=frozenset({"tasks", "disputes"}),
    full_state=True,
)
RULES = Topic(owner="grid", noun="rule", data_class=DataClass.INTERNAL, full_state=True)
ACCESSES = Topic(owner="grid", noun="access", data_class=DataClass.INTERNAL)


class StandardState(BaseModel):
    """One standard in force of a category (立案处置结案标准)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    revision: int
    condition_zh: str
    condition_en: str
    limit_amount: int
    limit_unit: str
    closing_zh: str
    closing_en: str
    photos_before: int
    photos_after: int
    legal_item: str | None = Field(default=None, description="Law or item of the list it rests on (法律依据)")
    severity: str | None = Field(default=None, description="A grade of the rules (严重程度)")
    loops: tuple[str, ...] = Field(default=(), description="Where it may be closed; none: any (可结案循环)")
    source: str
    assumption: bool = Field(description="A configurable default, no official figure (本项目默认值)")
    effective_from: date


class ItemState(BaseModel):
    """An item of a category (子类)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    name_zh: str
    name_en: str
    predecessor: str | None = None
    valid_from: date
    valid_to: date | None = None


class FormState(BaseModel):
    """What is asked about a report of a category, in force (分类问卷)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int
    questions: tuple[dict[str, Any], ...]
    source: str
    effective_from: date


class CategoryChanged(Event, topic=CATEGORIES, verb="changed"):
    """The full state of a problem category with its standards in force (类别变更)."""

    code: str
    name_zh: str
    name_en: str
    group_code: str
    group_zh: str
    group_en: str
    attribute: str = Field(default="estate", description="Component, event or estate (案件属性)")
    predecessor: str | None = Field(default=None, description="The code that it took over from (前身)")
    squad: bool = Field(description="Usually handled by the grid's own squad (网格自行处置)")
    named_in: dict[str, str] = Field(description="Document -> clause that names it (出处)")
    valid_from: date
    valid_to: date | None = None
    items: tuple[ItemState, ...] = ()
    standards: tuple[StandardState, ...] = ()
    form: FormState | None = Field(default=None, description="What is asked about it (分类问卷)")


class RuleChanged(Event, topic=RULES, verb="changed"):
    """The full state of one rule of the grid's work, e.g. a stage's limit (规则变更)."""

    key: str
    value: dict[str, Any]
    source: str
    assumption: bool
    effective_from: date


class ReporterRevealed(Event, topic=ACCESSES, verb="granted"):
    """Personal data of a case was read in full; the reason stands in the history (查看完整信息)."""

    subject_type: str
    subject_id: UUID
    fields: tuple[str, ...]
    purpose: str


EVENTS: tuple[type[Event], ...] = (
    *CASE_EVENTS, *ORDER_EVENTS, *PLACE_EVENTS, *WATCH_EVENTS, *MAJOR_EVENTS, *NOTICE_EVENTS, *ESTATE_EVENTS,
    CategoryChanged, RuleChanged, ReporterRevealed,
)  # fmt: skip
"""Every event of these topics, for the schemas and the service's literal."""
