"""Grid's geography as the office keeps it: a building, a responsibility grid; and what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from libs.common.policy import Role
from services.grid.surveys.schemas import EXAMPLE
from tests.authorisation.calls import Call
from tests.grid.factories import NEIGHBOURHOOD, Desk, as_

OTHER = f"{NEIGHBOURHOOD}002"
GRID: dict[str, Any] = {
    "code": "Z1", "name": "第一责任网格", "area": NEIGHBOURHOOD, "source": "网格划分",
    "covers": [{"area": OTHER, "valid_from": "2026-11-01"}],
}  # fmt: skip
ESTATE = {"name": "新苑", "mode": "self_service", "covers": [OTHER], "source": "名录"}
MANAGED = {"since": "2026-11-02", "mode": "firm", "firm_name": "福安物业", "source": "备案"}
WALL = {"ring": [[121.478, 31.231], [121.479, 31.231], [121.479, 31.232]], "crs": "CGCS2000"}
SURVEY = {
    "crs": "CGCS2000", "effective_from": "2027-01-01", "source": "普查", "dry_run": True,
    "collection": EXAMPLE,
}  # fmt: skip


class Geography:
    """What the office has entered."""

    def __init__(self, ids: dict[str, str], point: Mapping[str, Any]) -> None:
        self.ids = ids
        self.point = {name: point[name] for name in ("lon", "lat", "crs")}

    @classmethod
    async def made(cls, desk: Desk, point: Mapping[str, Any], estate: UUID) -> Geography:
        """Make all of it, in the estate."""
        client, office = desk.client, as_(Role.ADMINISTRATOR)
        told = {"number": "1", "source": "名录"}
        building = await client.post(f"/grid/v1/estates/{estate}/buildings", json=told, headers=office)
        grid = await client.post("/grid/v1/responsibility-grids", json=GRID, headers=office)
        return cls({"building_id": building.json()["id"], "grid_id": grid.json()["id"]}, point)

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        area = {"area": NEIGHBOURHOOD}
        there = {"area": NEIGHBOURHOOD, "valid_from": "2026-11-01"}
        mine = [{**there, "area": f"{NEIGHBOURHOOD}003"}]
        return {
            "POST /estates": Call(body=ESTATE),
            "PATCH /estates/{estate_id}": Call(body={"name": "新名"}),
            "POST /estates/{estate_id}/management": Call(body=MANAGED),
            "PUT /estates/{estate_id}/wall": Call(body=WALL),
            "POST /estates/{estate_id}/buildings": Call(body={"number": "2", "source": "名录"}),
            "PATCH /buildings/{building_id}": Call(body={"floors": 6}),
            "GET /addresses": Call(params={"text": "福建中路100弄"}),
            "GET /responsibility-grids": Call(params=area, shows=self.ids["grid_id"]),
            "GET /responsibility-grids/uncovered": Call(params=area),
            "POST /responsibility-grids": Call(body={**GRID, "code": "Z2", "covers": mine}),
            "PATCH /responsibility-grids/{grid_id}": Call(body={"name": "新名"}),
            "POST /unit-grid-editions": Call(body=SURVEY),
            "GET /rosters/on-duty/point": Call(params=self.point),
        }
