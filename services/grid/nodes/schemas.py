"""Shapes of the nodes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, HistoryStep, Read, Write
from libs.common.text import Line, Phone
from services.grid.nodes.domain import Cover, NodeFields
from services.grid.nodes.service import NodeState
from services.grid.places.domain import DEMONSTRATION
from services.grid.rules.domain import Rules

LevelCode = Annotated[str, Field(pattern=r"^[a-z_]{1,30}$", description="层级", examples=["workstation"])]
NodeCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{2,40}$", examples=["W310101002-21"])]
NodeArea = Annotated[
    str, Field(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$", description="区划代码", examples=["310101002"])
]
CoveredCode = Annotated[
    str, Field(pattern=r"^[0-9]{6}([0-9]{3}){0,3}$", description="区划代码", examples=["310101002001"])
]


class CoverWrite(Write):
    """An area code that the node covers, and when. 覆盖范围"""

    area: CoveredCode
    valid_from: Day = Field(examples=["2026-11-01"])
    valid_to: Day | None = None

    def value(self) -> Cover:
        """As a plain value."""
        return Cover(self.area, self.valid_from, self.valid_to)


Covers = Annotated[list[CoverWrite], Field(min_length=1, max_length=500)]


class CoverRead(Read):
    """An area code that the node covers, and when. 覆盖范围"""

    area: str
    valid_from: date
    valid_to: date | None


class NodeRead(Read):
    """A node of one of the four levels. 层级节点"""

    id: UUID
    version: int
    code: str = Field(description="节点代码", examples=["W310101002-1"])
    name: str = Field(examples=["南京东路街道第1社区工作站(演示)"])
    level: str = Field(examples=["workstation"])
    loop: str = Field(description="Loop of its level (循环)", examples=["micro"])
    area: str
    seat: str | None = Field(description="办公地址")
    telephone: str | None = Field(description="办公电话")
    covers: list[CoverRead]
    valid_from: date | None
    valid_to: date | None = Field(description="最后一日；空表示现行")
    source: str
    demonstration: bool
    label: str | None = Field(default=None, description="“演示”: made up", examples=[DEMONSTRATION])


class NodeCreate(Write):
    """A new node. 登记层级节点"""

    code: NodeCode
    name: Line = Field(examples=["南京东路街道第一社区工作站"])
    level: LevelCode
    area: NodeArea
    covers: Covers
    seat: Line | None = Field(default=None, examples=["福建中路100号"])
    telephone: Phone | None = Field(default=None, examples=["02163211234"])
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line = Field(examples=["街道办 2026 年第 12 号"])

    def fields(self) -> NodeFields:
        """As plain values."""
        return NodeFields(**{**vars(self), "covers": tuple(cover.value() for cover in self.covers)})


class NodeChange(Write):
    """What changes; fields that are left out stay. 变更层级节点"""

    name: Line | None = None
    covers: Covers | None = None
    seat: Line | None = None
    telephone: Phone | None = None
    valid_from: Day | None = None
    valid_to: Day | None = Field(default=None, examples=["2026-12-31"])
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty, and is no name, cover or source."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        kept = {n: v for n, v in sent.items() if v is not None or n not in ("name", "covers", "source")}
        if "covers" in kept:
            kept["covers"] = tuple(cover.value() for cover in kept["covers"])
        return kept


class NodeHistory(Read):
    """Every change of a node. 变更记录"""

    items: list[HistoryStep]


def node_read(state: NodeState, rules: Rules) -> NodeRead:
    """The node as it is shown, with the loop that goes with its level."""
    node = state.node
    derived = {"loop", "covers", "label"}
    columns = {name: getattr(node, name) for name in NodeRead.model_fields if name not in derived}
    return NodeRead(
        **columns,
        loop=rules.level(node.level).loop,
        covers=[CoverRead.model_validate(cover) for cover in state.covers],
        label=DEMONSTRATION if node.demonstration else None,
    )
