"""Shapes of the catalogue."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.clocks import TimeUnit
from libs.common.http.schemas import Day, Read, Write
from libs.common.text import Line, text
from services.grid.questions.domain import MOST_QUESTIONS, Question
from services.grid.questions.service import CategoryForm, questions_of


class StandardRead(Read):
    """A standard in force. 立案处置结案标准"""

    code: str
    revision: int
    condition_zh: str
    condition_en: str
    limit_amount: int
    limit_unit: TimeUnit
    closing_zh: str
    closing_en: str
    photos_before: int
    photos_after: int
    legal_item: str | None = Field(description="Law or item of the enforcement list (法律依据)")
    severity: str | None = Field(description="A grade of the rules, `grade.*` (严重程度)")
    loops: list[str] = Field(description="Where it may be closed; none: any (可结案循环)")
    source: str
    assumption: bool = Field(description="A configurable default, no official figure (本项目默认值)")
    effective_from: date


class ItemRead(Read):
    """An item of a category. 子类"""

    code: str = Field(examples=["020201"])
    name_zh: str
    name_en: str
    predecessor: str | None
    valid_from: date
    valid_to: date | None


class FormRead(Read):
    """A version of a category's form. 分类问卷"""

    version: int
    questions: list[Question]
    source: str
    effective_from: date
    effective_to: date | None = Field(description="最后一日；空表示现行")


class CategoryRead(Read):
    """A problem category with its standards in force. 类别"""

    id: UUID
    version: int
    code: str = Field(examples=["0202"])
    name_zh: str = Field(examples=["楼道堆物"])
    name_en: str = Field(examples=["Corridor clutter"])
    group_code: str
    group_zh: str
    group_en: str
    attribute: str = Field(description="Component, event or estate (案件属性)", examples=["estate"])
    predecessor: str | None = Field(description="The code that it took over from (前身)")
    squad: bool = Field(description="Usually handled by the grid's own squad (网格自行处置)")
    named_in: dict[str, Any] = Field(description="Document -> clause that names it (出处)")
    valid_from: date
    valid_to: date | None
    items: list[ItemRead]
    standards: list[StandardRead]
    form: FormRead | None = Field(default=None, description="What is asked about it (分类问卷)")


class CategoriesAsked(Write):
    """Which categories. 筛选"""

    attribute: str | None = Field(None, pattern=r"^[a-z_]{1,30}$", description="案件属性")
    group: str | None = Field(None, pattern=r"^[0-9]{2}$", description="大类代码")


class CategoryList(Read):
    """All categories. 类别表"""

    items: list[CategoryRead]


class StandardWrite(Write):
    """A new revision of a standard. 修订标准"""

    condition_zh: Line = Field(examples=["现场存在"])
    condition_en: Line = Field(examples=["Present on site"])
    limit_amount: int = Field(strict=True, ge=1, le=10_000, examples=[2])
    limit_unit: TimeUnit = Field(examples=["working_days"])
    closing_zh: Line = Field(examples=["清理整改"])
    closing_en: Line = Field(examples=["Cleared"])
    photos_before: int = Field(default=1, strict=True, ge=0, le=9)
    photos_after: int = Field(default=1, strict=True, ge=0, le=9)
    legal_item: Annotated[str, text(500)] | None = Field(
        default=None, examples=["《上海市消防条例》关于疏散通道的规定"], description="法律依据"
    )
    severity: str | None = Field(default=None, examples=["ordinary"], description="严重程度：规则 grade.*")
    loops: list[str] = Field(
        default=[], max_length=9, examples=[["self", "micro"]], description="可结案循环；空为不限"
    )
    source: Line = Field(examples=["区城运中心 2026 年第 3 号通知"])
    effective_from: Day = Field(examples=["2026-07-01"])


class FormHistory(Read):
    """Every version, the first one first. 问卷各版"""

    items: list[FormRead]


TRAPPED = [
    {"code": "yes", "zh": "有人被困", "en": "People are trapped"},
    {"code": "no", "zh": "无人被困", "en": "Nobody is trapped"},
]
QUESTIONS = [
    {
        "code": "trapped", "kind": "choice", "zh": "轿厢内是否有人被困", "en": "Is anyone trapped in the car",
        "required": True, "options": TRAPPED,
    },
    {
        "code": "people", "kind": "number", "zh": "被困人数", "en": "How many", "minimum": 1, "maximum": 30,
        "when": {"question": "trapped", "equals": "yes"},
    },
]  # fmt: skip


class FormWrite(Write):
    """The next version of a form; without questions nothing is asked any more. 修订问卷"""

    questions: list[Question] = Field(max_length=MOST_QUESTIONS, examples=[QUESTIONS])
    source: Line = Field(examples=["区城运中心 2026 年第 5 号通知"])
    effective_from: Day = Field(examples=["2026-12-01"])


def form_read(form: CategoryForm) -> FormRead:
    """The form as it is shown."""
    columns = {name: getattr(form, name) for name in FormRead.model_fields if name != "questions"}
    return FormRead(**columns, questions=list(questions_of(form)))
