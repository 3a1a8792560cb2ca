"""What a workbook says of the catalogue, and what that would change. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import Field

from libs.common.clocks import TimeUnit
from libs.common.rules.domain import Value
from libs.common.text import Line, text
from services.grid.editions.refusals import CategoryNeeded as CategoryNeeded
from services.grid.editions.refusals import EffectiveTooEarly as EffectiveTooEarly

ShortText = Annotated[str, text(500)]
GroupCode = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
CategoryCode = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
ItemCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
StandardCode = Annotated[str, Field(pattern=r"^[a-z_]{2,30}$")]


class Noun(StrEnum):
    """What a sheet holds."""

    GROUP = "group"  # 大类
    CATEGORY = "category"  # 小类
    ITEM = "item"  # 子类
    STANDARD = "standard"  # 标准


class What(StrEnum):
    """What becomes of one row."""

    ADDED = "added"  # 新增
    CHANGED = "changed"  # 修改
    RETIRED = "retired"  # 停用


class GroupGiven(Value):
    """A main class as a row gives it (大类)."""

    attribute: str
    code: GroupCode
    name_zh: Line
    name_en: Line
    predecessor: GroupCode | None = None


class CategoryGiven(Value):
    """A category (小类)."""

    code: CategoryCode
    name_zh: Line
    name_en: Line
    squad: bool = False
    predecessor: CategoryCode | None = None
    named_in: tuple[Line, ...] = ()


class ItemGiven(Value):
    """An item of a category (子类)."""

    code: ItemCode
    name_zh: Line
    name_en: Line
    predecessor: ItemCode | None = None


class StandardGiven(Value):
    """A standard (立案处置结案标准)."""

    category: CategoryCode
    code: StandardCode
    condition_zh: Line
    condition_en: Line
    limit_amount: int = Field(ge=1, le=10_000)
    limit_unit: TimeUnit
    closing_zh: Line
    closing_en: Line
    photos_before: int = Field(default=1, ge=0, le=9)
    photos_after: int = Field(default=1, ge=0, le=9)
    legal_item: ShortText | None = None
    severity: str | None = None
    loops: tuple[str, ...] = ()
    source: Line


Given = TypeVar("Given", GroupGiven, CategoryGiven, ItemGiven, StandardGiven)


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one value of one row, the row by its place among its kind."""

    noun: Noun
    place: int
    key: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Draft:
    """A whole catalogue as given (待导入目录): rows by kind, in order."""

    groups: Sequence[GroupGiven] = ()
    categories: Sequence[CategoryGiven] = ()
    items: Sequence[ItemGiven] = ()
    standards: Sequence[StandardGiven] = ()

    def fields(self) -> dict[Noun, dict[str, dict[str, Any]]]:
        """Column values by kind and key; the key of a standard is `0202/found`."""
        groups = {group.code: group.model_dump(exclude={"code"}) for group in self.groups}
        return {
            Noun.GROUP: groups,
            Noun.CATEGORY: {row.code: _category(row, groups[row.code[:2]]) for row in self.categories},
            Noun.ITEM: {item.code: item.model_dump(exclude={"code"}) for item in self.items},
            Noun.STANDARD: {
                f"{row.category}/{row.code}": row.model_dump(mode="json", exclude={"category", "code"})
                for row in self.standards
            },
        }

    def wrongs(self) -> Iterator[Wrong]:
        """What does not fit together: doubled codes, rows of nothing, categories without a standard."""
        groups = {group.code for group in self.groups}
        categories = {row.code for row in self.categories}
        yield from _doubled(Noun.GROUP, [row.code for row in self.groups])
        yield from _doubled(Noun.CATEGORY, [row.code for row in self.categories])
        yield from _doubled(Noun.ITEM, [row.code for row in self.items])
        yield from _doubled(Noun.STANDARD, [f"{row.category}/{row.code}" for row in self.standards])
        yield from _orphans(Noun.CATEGORY, "code", [row.code[:2] for row in self.categories], groups)
        yield from _orphans(Noun.ITEM, "code", [row.code[:4] for row in self.items], categories)
        yield from _orphans(Noun.STANDARD, "category", [row.category for row in self.standards], categories)
        measured = {row.category for row in self.standards}
        for place, row in enumerate(self.categories):
            if row.code not in measured:
                zh, en = "该小类没有任何标准", "the category has no standard"
                yield Wrong(Noun.CATEGORY, place, "code", "standard-missing", zh, en)


def _category(row: CategoryGiven, group: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a category: those of its class stand with it."""
    told = (line.rpartition("|") for line in row.named_in)
    return {
        "name_zh": row.name_zh, "name_en": row.name_en, "squad": row.squad, "predecessor": row.predecessor,
        "named_in": {document.strip() or clause.strip(): clause.strip() for document, _, clause in told},
        "group_code": row.code[:2], "group_zh": group["name_zh"], "group_en": group["name_en"],
        "attribute": group["attribute"],
    }  # fmt: skip


def _doubled(noun: Noun, keys: Sequence[str]) -> Iterator[Wrong]:
    seen: set[str] = set()
    for place, key in enumerate(keys):
        if key in seen:
            yield Wrong(noun, place, "code", "code-twice", f"代码 {key} 重复", f"{key} occurs twice")
        seen.add(key)


def _orphans(noun: Noun, key: str, named: Sequence[str], there: Collection[str]) -> Iterator[Wrong]:
    for place, code in enumerate(named):
        if code not in there:
            yield Wrong(noun, place, key, "parent-unknown", f"没有上级代码 {code}", f"there is no {code}")


@dataclass(frozen=True)
class Held:
    """A row as it stands: its columns, since when, whether it has ended."""

    fields: Mapping[str, Any]
    since: date
    ended: bool


Present = Mapping[Noun, Mapping[str, Held]]


@dataclass(frozen=True)
class Change:
    """What becomes of one row (变更): which of its columns differ."""

    noun: Noun
    key: str
    what: What
    fields: tuple[str, ...] = ()


@dataclass
class Changes:
    """Everything that a workbook would change (变更清单)."""

    rows: list[Change] = field(default_factory=list)
    wrongs: list[Wrong] = field(default_factory=list)

    def touched(self) -> set[str]:
        """The categories that are told of it."""
        return {change.key[:4] for change in self.rows if change.noun is not Noun.GROUP}

    def counts(self) -> dict[str, int]:
        """How many rows of each kind become what."""
        return dict(Counter(f"{change.noun}-{change.what}" for change in self.rows))


def compare(draft: Draft, present: Present, day: date) -> Changes:
    """What the draft, in force from `day` on, changes, and what keeps it from being taken."""
    found = Changes(wrongs=list(draft.wrongs()))
    if found.wrongs:
        return found
    for noun, given in draft.fields().items():
        held = present[noun]
        for place, (key, fields) in enumerate(given.items()):
            change = _compared(noun, key, fields, held.get(key))
            if change is not None:
                found.rows.append(change)
                found.wrongs += _too_early(change, place, held.get(key), day)
            if (before := fields.get("predecessor")) and before not in held and before not in given:
                told = (f"没有前身代码 {before}", f"there is no {before}")
                found.wrongs.append(Wrong(noun, place, "predecessor", "predecessor-unknown", *told))
        gone = (key for key, row in held.items() if key not in given and not row.ended)
        found.rows += [Change(noun, key, What.RETIRED) for key in gone]
    return found


def check_needed(changes: Changes, needed: Mapping[str, str]) -> None:
    """Raise `CategoryNeeded` if a category retires that a rule needs (category -> rule)."""
    for change in changes.rows:
        if change.noun is Noun.CATEGORY and change.what is What.RETIRED and change.key in needed:
            raise CategoryNeeded(rule=needed[change.key], category=change.key)


def _compared(noun: Noun, key: str, fields: Mapping[str, Any], held: Held | None) -> Change | None:
    if held is None or held.ended:
        return Change(noun, key, What.ADDED)
    differing = tuple(name for name, value in fields.items() if held.fields.get(name) != value)
    return Change(noun, key, What.CHANGED, differing) if differing else None


def _too_early(change: Change, place: int, held: Held | None, day: date) -> Iterator[Wrong]:
    if change.noun is Noun.STANDARD and held is not None and day <= held.since:
        zh, en = f"生效日期须晚于上一版的 {held.since}", f"the last revision holds from {held.since} on"
        yield Wrong(change.noun, place, "code", "effective-date-not-later", zh, en)
