"""What `grid` publishes of places 区划、小区、楼栋、网格、节点; part of `libs.common.contracts.grid`.

>>> AreaChanged.type, AREAS.name
('cn.jiayuan.grid.area.changed.v1', 'jiayuan.grid.area.v1')
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.events.contract import DataClass, Event, Topic

AREAS = Topic(
    owner="grid",
    noun="area",
    data_class=DataClass.PUBLIC,
    readers=frozenset({"tasks", "disputes", "targets"}),
    full_state=True,
)
ESTATES = Topic(
    owner="grid",
    noun="estate",
    data_class=DataClass.PUBLIC,
    readers=frozenset({"tasks", "disputes", "targets"}),
    full_state=True,
)
BUILDINGS = Topic(
    owner="grid",
    noun="building",
    data_class=DataClass.PUBLIC,
    readers=frozenset({"tasks", "disputes", "targets"}),
    full_state=True,
)
UNIT_GRID_EDITIONS = Topic(
    owner="grid", noun="unit-grid-edition", data_class=DataClass.INTERNAL, full_state=True
)
RESPONSIBILITY_GRIDS = Topic(
    owner="grid", noun="responsibility-grid", data_class=DataClass.INTERNAL, full_state=True
)
NODES = Topic(owner="grid", noun="node", data_class=DataClass.INTERNAL, full_state=True)


class AreaChanged(Event, topic=AREAS, verb="changed"):
    """The full state of an administrative area (行政区划变更)."""

    code: str = Field(description="2, 4, 6, 9 or 12 digits (区划代码)")
    name: str
    level: str = Field(description="province, city, district, township or neighbourhood (层级)")
    parent_code: str | None = None
    valid_from: date | None = Field(default=None, description="First day; none = not known (启用日期)")
    valid_to: date | None = Field(default=None, description="Last day; none = in force (停用日期)")
    successor: str | None = Field(default=None, description="Code that took over (承接区划)")
    source: str = ""
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")


class CoveredArea(BaseModel):
    """An area code that is covered, and when (覆盖范围)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    area: str
    valid_from: date
    valid_to: date | None = None


class ManagedPeriod(BaseModel):
    """Who manages an estate from the first to the last day (管理时段); no last day: still."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: str = Field(description="managed, unmanaged or abandoned (有人管理、无人管理、抛盘)")
    mode: str
    since: date | None = None
    until: date | None = None
    firm_id: UUID | None = Field(default=None, description="In the register of firms (物业服务企业)")
    firm_name: str | None = None
    fallback_unit_id: UUID | None = Field(
        default=None, description="Unit that answers while nobody manages it (托底单位)"
    )


class EstateChanged(Event, topic=ESTATES, verb="changed"):
    """The full state of a residential estate (小区变更)."""

    name: str
    mode: str = Field(description="Who manages it, e.g. firm, unmanaged, abandoned (管理方式)")
    covers: tuple[CoveredArea, ...] = ()
    management: tuple[ManagedPeriod, ...] = Field(default=(), description="The earliest first (管理状态)")
    walled: bool = Field(default=False, description="Its boundary is known (有围墙边界)")
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")


class BuildingChanged(Event, topic=BUILDINGS, verb="changed"):
    """The full state of a building of an estate (楼栋变更)."""

    estate_id: UUID
    number: str = Field(description="As people say it, e.g. 3 for 3号楼 (楼号)")
    aliases: tuple[str, ...] = Field(default=(), description="Addresses by road and lane (门牌)")
    floors: int | None = None
    has_lift: bool | None = None
    lon: float | None = Field(default=None, description="Degrees, CGCS2000")
    lat: float | None = Field(default=None, description="Degrees, CGCS2000")
    valid_from: date | None = None
    valid_to: date | None = Field(default=None, description="Last day; none = it stands (拆除日期)")
    source: str = ""
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")


class UnitGridEditionChanged(Event, topic=UNIT_GRID_EDITIONS, verb="changed"):
    """Surveyed unit grids take the place of those of the same neighbourhoods (单元网格换版)."""

    number: int
    townships: tuple[str, ...]
    effective_from: date = Field(description="From this day on they are located by (启用日期)")
    cells: int
    ended: int = Field(description="Unit grids of the former edition that it ends")
    crs: str = Field(description="Coordinate system of the file (原坐标系)")
    source: str
    digest: str = Field(description="SHA-256 of the file")


class ResponsibilityGridChanged(Event, topic=RESPONSIBILITY_GRIDS, verb="changed"):
    """The full state of a responsibility grid: the unit grids of one inspector's work (责任网格变更)."""

    code: str
    name: str
    area: str = Field(description="Area in which its unit grids lie (区划代码)")
    covers: tuple[CoveredArea, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = Field(default=None, description="Last day; none = in force (停用日期)")
    source: str = ""
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")


class NodeChanged(Event, topic=NODES, verb="changed"):
    """The full state of a node of the four levels, without its telephone (层级节点变更)."""

    code: str = Field(description="Code that names it for ever (节点代码)")
    name: str
    level: str = Field(description="Level that it stands for, e.g. workstation (层级)")
    area: str = Field(description="Administrative code of the area that it lies in (区划代码)")
    covers: tuple[CoveredArea, ...] = ()
    seat: str | None = Field(default=None, description="Address of the office (办公地址)")
    valid_from: date | None = None
    valid_to: date | None = Field(default=None, description="Last day; none = in force (停用日期)")
    source: str = ""
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")


EVENTS: tuple[type[Event], ...] = (
    AreaChanged, EstateChanged, BuildingChanged, UnitGridEditionChanged, ResponsibilityGridChanged,
    NodeChanged,
)  # fmt: skip
"""Every event of these topics."""
