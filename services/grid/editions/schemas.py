"""The catalogue as sheets of a workbook, and the shapes of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import Field

from libs.common.clocks import TimeUnit
from libs.common.http.schemas import Read
from libs.common.tables import Book, Column, Kind, Row, Sheet
from services.grid.editions.domain import (
    CategoryGiven,
    Draft,
    Given,
    GroupGiven,
    ItemGiven,
    Noun,
    Present,
    StandardGiven,
    What,
    Wrong,
)
from services.grid.rules.domain import Rules

UNITS = {
    TimeUnit.URGENT_HOURS.value: "紧急工作时",
    TimeUnit.URGENT_DAYS.value: "紧急工作日",
    TimeUnit.NATURAL_HOURS.value: "自然时",
    TimeUnit.CALENDAR_DAYS.value: "自然日",
    TimeUnit.WORKING_HOURS.value: "工作时",
    TimeUnit.WORKING_DAYS.value: "工作日",
}
_SINCE = Column(
    "since",
    "现行版本起",
    Kind.DAY,
    required=False,
    note="仅供参考，导入时不读取：生效日期在导入时给出",
    width=14,
)


def sheets(rules: Rules) -> dict[Noun, Sheet]:
    """The four sheets; attributes, grades and loops are those of the rules in force."""
    attributes = {code: row.zh for code, row in rules.attributes.items()}
    grades = {code: row.zh for code, row in rules.grades.items()}
    loops = {level.loop: level.loop_zh for level in rules.levels.values()}
    return {
        Noun.GROUP: Sheet("大类", _groups(attributes)),
        Noun.CATEGORY: Sheet("小类", _categories()),
        Noun.ITEM: Sheet("子类", _items(), required=False),
        Noun.STANDARD: Sheet("标准", _standards(grades, loops)),
    }


def _groups(attributes: Mapping[str, str]) -> tuple[Column, ...]:
    return (
        Column("attribute", "案件属性", choices=attributes),
        Column("code", "大类代码", note="两位数字，不同属性之间也不得重复", width=10),
        Column("name_zh", "大类名称", width=24),
        Column("name_en", "英文名称", width=32),
        Column("predecessor", "前身代码", required=False, note="由哪个大类演变而来", width=10),
        _SINCE,
    )


def _categories() -> tuple[Column, ...]:
    return (
        Column("code", "小类代码", note="四位数字，前两位为大类代码", width=10),
        Column("name_zh", "小类名称", width=28),
        Column("name_en", "英文名称", width=32),
        Column("squad", "网格自行处置", Kind.FLAG, required=False, note="通常由网格队伍自行处置", width=14),
        Column("predecessor", "前身代码", required=False, note="含义变化时用新代码并注明前身", width=10),
        Column(
            "named_in",
            "出处",
            many=True,
            separator="\n",
            required=False,
            note="每行一条：文件|条款",
            width=48,
        ),
        _SINCE,
    )


def _items() -> tuple[Column, ...]:
    return (
        Column("code", "子类代码", note="六位数字，前四位为小类代码", width=10),
        Column("name_zh", "子类名称", width=28),
        Column("name_en", "英文名称", width=32),
        Column("predecessor", "前身代码", required=False, width=10),
        _SINCE,
    )


def _standards(grades: Mapping[str, str], loops: Mapping[str, str]) -> tuple[Column, ...]:
    return (
        Column("category", "小类代码", width=10),
        Column("code", "标准代码", note="小写字母与下划线，同一小类内不重复", width=12),
        Column("condition_zh", "立案条件", width=32),
        Column("condition_en", "立案条件（英文）", width=32),
        Column("limit_amount", "处置时限", Kind.WHOLE, width=10),
        Column("limit_unit", "时限单位", choices=UNITS, width=12),
        Column("closing_zh", "结案条件", width=32),
        Column("closing_en", "结案条件（英文）", width=32),
        Column("photos_before", "立案照片数", Kind.WHOLE, required=False, note="0 至 9，空为 1", width=12),
        Column("photos_after", "结案照片数", Kind.WHOLE, required=False, note="0 至 9，空为 1", width=12),
        Column("legal_item", "法律依据", required=False, width=40),
        Column("severity", "严重程度", required=False, choices=grades, width=12),
        Column("loops", "可结案循环", required=False, choices=loops, many=True, note="空为不限", width=20),
        Column("source", "来源", note="文件名称；本项目默认值写 assumption", width=40),
        _SINCE,
    )


def rows_of(present: Present) -> dict[Noun, list[dict[str, Any]]]:
    """What stands as rows: what has ended is left out."""
    return {
        noun: [
            {**_keys(noun, key), **row.fields, "since": row.since, **_lines(row.fields)}
            for key, row in rows.items()
            if not row.ended
        ]
        for noun, rows in present.items()
    }


def _keys(noun: Noun, key: str) -> dict[str, str]:
    category, _, standard = key.partition("/")
    return {"category": category, "code": standard} if noun is Noun.STANDARD else {"code": key}


def _lines(fields: Mapping[str, Any]) -> dict[str, Any]:
    named = fields.get("named_in")
    if named is None:
        return {}
    return {"named_in": [f"{document}|{clause}" for document, clause in named.items()]}


def draft_of(book: Book, known: Mapping[Noun, Sheet]) -> tuple[Draft, dict[Noun, list[Row]]]:
    """The draft, with the rows that each kind was made of; wrong cells stand in the book."""
    rows = {noun: list(book.rows(sheet)) for noun, sheet in known.items()}
    draft = Draft(
        groups=_shaped(book, rows[Noun.GROUP], GroupGiven),
        categories=_shaped(book, rows[Noun.CATEGORY], CategoryGiven),
        items=_shaped(book, rows[Noun.ITEM], ItemGiven),
        standards=_shaped(book, rows[Noun.STANDARD], StandardGiven),
    )
    return draft, rows


def _shaped(book: Book, rows: Sequence[Row], model: type[Given]) -> list[Given]:
    made = (book.shape(row, model) for row in rows)
    return [row for row in made if row is not None]


def tell(book: Book, rows: Mapping[Noun, Sequence[Row]], wrongs: Sequence[Wrong]) -> None:
    """Note what does not fit together at its cell."""
    for wrong in wrongs:
        book.wrong(rows[wrong.noun][wrong.place], wrong.key, wrong.code, wrong.zh, wrong.en)


class ChangeRead(Read):
    """What becomes of one row. 变更"""

    noun: Noun
    key: str = Field(description="The code; of a standard 0202/found (代码)", examples=["0202/found"])
    what: What
    fields: list[str] = Field(description="Columns that differ (不同的列)")


class ImportRead(Read):
    """What the workbook changes, or would change. 导入结果"""

    dry_run: bool = Field(description="Nothing was changed (试运行)")
    edition: int | None = Field(description="The number of the new edition; null: nothing to change (版本号)")
    effective_from: date
    changes: list[ChangeRead]


class EditionRead(Read):
    """One replacement of the whole catalogue. 目录版本"""

    number: int
    effective_from: date
    counts: dict[str, int] = Field(description="How many rows of each kind became what (变更数)")
    made_by: str
    made_at: datetime


class GroupRead(Read):
    """A main class. 大类"""

    code: str = Field(examples=["02"])
    attribute: str = Field(description="案件属性", examples=["estate"])
    name_zh: str
    name_en: str
    predecessor: str | None
    valid_from: date
    valid_to: date | None


class AttributeRead(Read):
    """An attribute with its main classes. 案件属性"""

    code: str = Field(examples=["estate"])
    zh: str
    en: str
    groups: list[GroupRead]


class ClassList(Read):
    """Attributes and main classes. 案件属性与大类"""

    items: list[AttributeRead]
