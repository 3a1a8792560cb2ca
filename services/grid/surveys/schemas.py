"""Shapes of the surveys."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import Field

from libs.common.coordinates import Crs
from libs.common.http.schemas import Day, Flag, Read, Write
from libs.common.text import Line
from services.grid.surveys.domain import Kind
from services.grid.surveys.service import MOST_FINDINGS, Outcome, Survey

_CORNERS = [
    [121.4772, 31.2311],
    [121.4785, 31.2311],
    [121.4785, 31.232],
    [121.4772, 31.232],
    [121.4772, 31.2311],
]
EXAMPLE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "310101002001001"},
            "geometry": {"type": "Polygon", "coordinates": [_CORNERS]},
        }
    ],
}


class SurveyWrite(Write):
    """Unit grids of whole neighbourhoods, as surveyed. 单元网格入库"""

    crs: Crs = Field(description="坐标系，必填", examples=["CGCS2000"])
    effective_from: Day = Field(description="启用日期", examples=["2027-01-01"])
    source: Line = Field(examples=["区测绘院 2026 年单元网格普查"])
    dry_run: Flag = Field(description="Only check and tell (仅检查)", examples=[True])
    collection: dict[str, Any] = Field(
        description="GeoJSON feature collection; polygons of one ring with `code` among their properties",
        examples=[EXAMPLE],
    )

    def survey(self) -> Survey:
        """As plain values."""
        raw = orjson.dumps(self.collection)
        return Survey(self.collection, raw, self.crs, self.effective_from, self.source, self.dry_run)


class FindingRead(Read):
    """Something that is wrong with the file. 检查结果"""

    kind: Kind = Field(description="检查项")
    warning: bool = Field(description="It refuses nothing (仅提示)")
    feature: int | None = Field(description="Number of the feature in the file, from 1 (要素序号)")
    code: str | None
    other: int | None = Field(description="Number of the other feature, where it is one of the file")
    other_code: str | None
    square_metres: float | None = Field(description="How much overlaps or is missing (平方米)")
    lon: float | None = Field(description="Degrees, CGCS2000")
    lat: float | None = Field(description="Degrees, CGCS2000")
    detail: str | None


class SurveyOutcome(Read):
    """What came of it: every finding at once. 检查与入库结果"""

    edition: int | None = Field(description="Number of the edition; null = nothing was imported (版次)")
    cells: int = Field(description="单元网格数")
    neighbourhoods: int = Field(description="居(村)委数")
    ended: int = Field(description="Unit grids of the former edition that it ends (停用数)")
    errors: int
    warnings: int
    findings: list[FindingRead] = Field(description=f"The first {MOST_FINDINGS}")


class EditionRead(Read):
    """An import of unit grids. 单元网格版次"""

    id: UUID
    version: int
    number: int
    townships: list[str] = Field(description="街镇")
    effective_from: date
    cells: int
    ended: int
    crs: Crs = Field(description="Of the file (原坐标系)")
    source: str
    digest: str = Field(description="SHA-256 of the file")
    imported_at: datetime
    imported_by: str


def outcome_read(outcome: Outcome) -> SurveyOutcome:
    """The outcome as it is shown."""
    return SurveyOutcome(
        edition=outcome.edition,
        cells=outcome.cells,
        neighbourhoods=outcome.neighbourhoods,
        ended=outcome.ended,
        errors=outcome.errors,
        warnings=len(outcome.findings) - outcome.errors,
        findings=[FindingRead.model_validate(one) for one in outcome.findings[:MOST_FINDINGS]],
    )
