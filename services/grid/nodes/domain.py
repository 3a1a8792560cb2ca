"""Nodes of the four levels as values: what they cover, the demonstration ones, what is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pydantic import Field

from libs.common.areas import AreaLevel, check_code, contains
from libs.common.errors import Conflict, Invalid, NotFound
from libs.common.rules.domain import Value

INFORMATION_POINT, WORKSTATION = "information_point", "workstation"
SUBDISTRICT, DISTRICT = "subdistrict", "district"

MADE_OF: Mapping[str, tuple[str, str, str]] = {
    AreaLevel.DISTRICT: ("D", DISTRICT, "城市运行综合管理中心"),
    AreaLevel.TOWNSHIP: ("S", SUBDISTRICT, "网格化综合管理中心"),
    AreaLevel.NEIGHBOURHOOD: ("P", INFORMATION_POINT, "信息点"),
}
"""Of a demonstration node of an area: what its code begins with, its level, what follows the area's name."""


class NodeUnknown(NotFound):
    """No node has this id (层级节点不存在)."""

    code = "node-unknown"
    zh = "没有标识为 {node} 的层级节点"
    en = "There is no node with id {node}"


class NodeCodeTaken(Conflict):
    """Another node has the code (节点代码重复)."""

    code = "node-code-taken"
    zh = "节点代码“{node_code}”已被使用"
    en = "The node code '{node_code}' is taken"


class CoverOutside(Invalid):
    """A node covers parts of its own area (覆盖范围超出节点所在区划)."""

    code = "node-cover-outside"
    zh = "区划 {covered} 不在节点所在区划 {area} 内"
    en = "The area {covered} does not lie in the node's own area {area}"


class CoverTaken(Conflict):
    """Another node of the level covers the area then: nobody would know whose it is (覆盖范围重复)."""

    code = "node-cover-taken"
    zh = "同期已有同级节点“{other}”覆盖区划 {covered}"
    en = "The node '{other}' of the same level covers the area {covered} at that time"


class NodeDatesInverted(Invalid):
    """The last day lies before the first (日期颠倒)."""

    code = "dates-inverted"
    zh = "停用日期 {valid_to} 早于启用日期 {valid_from}"
    en = "The last day {valid_to} lies before the first day {valid_from}"


@dataclass(frozen=True, order=True)
class Cover:
    """An area code that a node covers, from the first to the last day (覆盖范围)."""

    area: str
    valid_from: date
    valid_to: date | None = None

    def meets(self, other: Cover) -> bool:
        """Whether both cover the same code on some day."""
        begun = self.valid_to is None or other.valid_from <= self.valid_to
        return (
            self.area == other.area
            and begun
            and (other.valid_to is None or self.valid_from <= other.valid_to)
        )


@dataclass(frozen=True)
class NodeFields:
    """What a node is, without its id and version (节点信息). `area`: in whose scope it lies.

    `code` names it for ever, `seat` is its address, `telephone` the office's own number, no person's.
    """

    code: str
    name: str
    level: str
    area: str
    covers: tuple[Cover, ...]
    seat: str | None = None
    telephone: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    demonstration: bool = False


class Making(Value):
    """How the demonstration nodes are made (演示节点): from when on, how many information points each
    workstation has below it, and where that number comes from."""

    valid_from: date
    neighbourhoods_per_workstation: int = Field(ge=1, le=100)
    source: str


@dataclass(frozen=True)
class AreaNamed:
    """An area in force, as nodes are made from it."""

    code: str
    name: str
    level: str


def check_fields(fields: NodeFields) -> None:
    """Raises `AreaCodeInvalid`, `CoverOutside`, `CoverTaken` by itself, `NodeDatesInverted`."""
    check_code(fields.area)
    _check_dates(fields.valid_from, fields.valid_to, "/valid_to")
    for place, cover in enumerate(fields.covers):
        pointer = f"/covers/{place}"
        check_code(cover.area)
        _check_dates(cover.valid_from, cover.valid_to, f"{pointer}/valid_to")
        if not contains(fields.area, cover.area):
            raise CoverOutside(covered=cover.area, area=fields.area, pointer=f"{pointer}/area")
        check_not_taken([cover], [(fields.name, other) for other in fields.covers[:place]], pointer)


def check_not_taken(covers: Sequence[Cover], held: Iterable[tuple[str, Cover]], pointer: str) -> None:
    """Raise `CoverTaken` if one of the covers meets one that is held by a node of that name."""
    for name, other in held:
        for cover in covers:
            if cover.meets(other):
                raise CoverTaken(other=name, covered=cover.area, pointer=pointer)


def is_news(known: NodeFields | None, wanted: NodeFields) -> bool:
    """Whether loading writes it: it is new, or another demonstration than the one that is there."""
    return known is None or (known.demonstration and known != wanted)


def _check_dates(first: date | None, last: date | None, pointer: str) -> None:
    if first is not None and last is not None and last < first:
        told = {"valid_from": first.isoformat(), "valid_to": last.isoformat()}
        raise NodeDatesInverted(pointer=pointer, **told)


def demonstration_nodes(areas: Iterable[AreaNamed], making: Making) -> Iterator[NodeFields]:
    """One node per district, township and neighbourhood, and workstations between the two (演示节点)."""
    known = sorted((area for area in areas if area.level in MADE_OF), key=lambda area: area.code)
    for area in known:
        begin, level, ending = MADE_OF[area.level]
        code, name = f"{begin}{area.code}", f"{area.name}{ending}"
        yield _made(making, code, name, level, [area.code])
    names = {area.code: area.name for area in known}
    below = [area.code for area in known if area.level == AreaLevel.NEIGHBOURHOOD and area.code[:9] in names]
    for township, codes in groupby(below, key=lambda code: code[:9]):
        inside, size = list(codes), making.neighbourhoods_per_workstation
        for number, start in enumerate(range(0, len(inside), size), start=1):
            code, name = f"W{township}-{number}", f"{names[township]}第{number}社区工作站"
            yield _made(making, code, name, WORKSTATION, inside[start : start + size])


def _made(making: Making, code: str, name: str, level: str, covered: Sequence[str]) -> NodeFields:
    return NodeFields(
        code=code,
        name=f"{name}(演示)",
        level=level,
        area=code[1:].partition("-")[0],
        covers=tuple(Cover(area, making.valid_from) for area in covered),
        valid_from=making.valid_from,
        source=making.source,
        demonstration=True,
    )
