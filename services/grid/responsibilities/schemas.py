"""Shapes of the responsibility grids."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, HistoryStep, Read, Write
from libs.common.text import Line
from services.grid.nodes.domain import Cover
from services.grid.places.domain import DEMONSTRATION
from services.grid.responsibilities.domain import GridFields
from services.grid.responsibilities.service import GridState

GridCode = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9\-]{2,40}$", description="责任网格代码", examples=["Z310101002-01"])
]
GridArea = Annotated[
    str, Field(pattern=r"^[0-9]{9}([0-9]{3})?$", description="街镇或居(村)委代码", examples=["310101002001"])
]


class GridCoverWrite(Write):
    """A unit grid that it covers, and when. 覆盖的单元网格"""

    area: Annotated[str, Field(pattern=r"^[0-9]{15}$", examples=["310101002001001"])]
    valid_from: Day = Field(examples=["2026-11-01"])
    valid_to: Day | None = None

    def value(self) -> Cover:
        """As a plain value."""
        return Cover(self.area, self.valid_from, self.valid_to)


GridCovers = Annotated[list[GridCoverWrite], Field(min_length=1, max_length=200)]


class GridCoverRead(Read):
    """A unit grid that it covers, and when. 覆盖的单元网格"""

    area: str
    valid_from: date
    valid_to: date | None


class ResponsibilityGridRead(Read):
    """A responsibility grid. 责任网格"""

    id: UUID
    version: int
    code: str = Field(examples=["Z310101002-01"])
    name: str = Field(examples=["南京东路街道第1责任网格"])
    area: str
    covers: list[GridCoverRead]
    valid_from: date | None
    valid_to: date | None = Field(description="Last day; null = in force")
    source: str
    demonstration: bool
    label: str | None = Field(default=None, description="“演示”: made up", examples=[DEMONSTRATION])


class ResponsibilityGridCreate(Write):
    """A new responsibility grid. 登记责任网格"""

    code: GridCode
    name: Line = Field(examples=["南京东路街道第1责任网格"])
    area: GridArea
    covers: GridCovers
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line = Field(examples=["街道办 2026 年网格划分"])

    def fields(self) -> GridFields:
        """As plain values."""
        return GridFields(**{**vars(self), "covers": tuple(cover.value() for cover in self.covers)})


class ResponsibilityGridChange(Write):
    """What changes; fields that are left out stay. 变更责任网格"""

    name: Line | None = Field(default=None, examples=["南京东路街道外滩责任网格"])
    covers: GridCovers | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty and says nothing of the others."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        kept = {n: v for n, v in sent.items() if v is not None or n in ("valid_from", "valid_to")}
        if "covers" in kept:
            kept["covers"] = tuple(cover.value() for cover in kept["covers"])
        return kept


class ResponsibilityGridHistory(Read):
    """Every change of a responsibility grid. 变更记录"""

    items: list[HistoryStep]


def grid_read(made: GridState) -> ResponsibilityGridRead:
    """The responsibility grid as it is shown."""
    derived = {"covers", "label"}
    columns = {n: getattr(made.grid, n) for n in ResponsibilityGridRead.model_fields if n not in derived}
    return ResponsibilityGridRead(
        **columns,
        covers=[GridCoverRead.model_validate(cover) for cover in made.covers],
        label=DEMONSTRATION if made.grid.demonstration else None,
    )
