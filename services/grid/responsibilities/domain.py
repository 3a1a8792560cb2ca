"""Responsibility grids as values: what they cover, what is refused. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from libs.common.areas import AreaLevel, check_code, contains, level_of
from libs.common.errors import Conflict, Invalid, NotFound
from services.grid.nodes.domain import Cover, CoverOutside, NodeDatesInverted


class ResponsibilityGridUnknown(NotFound):
    """No responsibility grid has this id (责任网格不存在)."""

    code = "responsibility-grid-unknown"
    zh = "没有标识为 {grid} 的责任网格"
    en = "There is no responsibility grid with id {grid}"


class ResponsibilityGridCodeTaken(Conflict):
    """Another responsibility grid has the code (责任网格代码重复)."""

    code = "responsibility-grid-code-taken"
    zh = "责任网格代码“{grid_code}”已被使用"
    en = "The code '{grid_code}' is another responsibility grid's"


class UnitGridTaken(Conflict):
    """Another responsibility grid has the unit grid then: nobody would know whose it is (单元网格重复)."""

    code = "unit-grid-taken"
    zh = "同期单元网格 {unit_grid} 已属责任网格“{other}”"
    en = "The unit grid {unit_grid} belongs to the responsibility grid '{other}' at that time"


class NoUnitGrid(Invalid):
    """A responsibility grid covers unit grids, nothing wider (须为单元网格)."""

    code = "no-unit-grid"
    zh = "{area} 不是单元网格代码"
    en = "{area} is not the code of a unit grid"


@dataclass(frozen=True)
class GridFields:
    """What a responsibility grid is (责任网格信息). `area`: township or neighbourhood around it."""

    code: str
    name: str
    area: str
    covers: tuple[Cover, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""


def check_fields(fields: GridFields) -> None:
    """Raises `AreaCodeInvalid`, `NoUnitGrid`, `CoverOutside`, `UnitGridTaken` by itself,
    `NodeDatesInverted`."""
    check_code(fields.area)
    _check_dates(fields.valid_from, fields.valid_to, "/valid_to")
    for place, cover in enumerate(fields.covers):
        pointer = f"/covers/{place}"
        if level_of(check_code(cover.area)) is not AreaLevel.UNIT_GRID:
            raise NoUnitGrid(area=cover.area, pointer=f"{pointer}/area")
        if not contains(fields.area, cover.area):
            raise CoverOutside(covered=cover.area, area=fields.area, pointer=f"{pointer}/area")
        _check_dates(cover.valid_from, cover.valid_to, f"{pointer}/valid_to")
    held: dict[str, list[Cover]] = {}
    for place, cover in enumerate(fields.covers):
        check_not_taken(
            cover, [(fields.name, other) for other in held.get(cover.area, ())], f"/covers/{place}"
        )
        held.setdefault(cover.area, []).append(cover)


def check_not_taken(cover: Cover, held: list[tuple[str, Cover]], pointer: str) -> None:
    """Raise `UnitGridTaken` if the cover meets one that is held by a responsibility grid of that name."""
    for name, other in held:
        if cover.meets(other):
            raise UnitGridTaken(other=name, unit_grid=cover.area, pointer=pointer)


def _check_dates(first: date | None, last: date | None, pointer: str) -> None:
    if first is not None and last is not None and last < first:
        raise NodeDatesInverted(pointer=pointer, valid_from=first.isoformat(), valid_to=last.isoformat())
