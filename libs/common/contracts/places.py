"""What `grid` publishes of places 区划、小区、层级节点; part of its contracts, `libs.common.contracts.grid`.

>>> AreaChanged.type, AREAS.name
('cn.jiayuan.grid.area.changed.v1', 'jiayuan.grid.area.v1')
"""

from __future__ import annotations

from datetime import date

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


class EstateChanged(Event, topic=ESTATES, verb="changed"):
    """The full state of a residential estate (小区变更)."""

    name: str
    mode: str = Field(description="Who manages it, e.g. firm, unmanaged, abandoned (管理方式)")
    covers: tuple[CoveredArea, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
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
    AreaChanged, EstateChanged, NodeChanged,
)  # fmt: skip
"""Every event of these topics."""
