"""Use cases of the surveys: check a file of unit grids, import it, list and restate editions.

Nothing here commits.
"""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import shapely
from shapely.geometry import shape
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.places import UnitGridEditionChanged
from libs.common.coordinates import Crs
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.policy import Actor, Principal, require_area, system_actor
from services.grid.places import service as places
from services.grid.places.domain import MICRO, bounds_of
from services.grid.places.service import UnitGridEdition
from services.grid.surveys import repository
from services.grid.surveys.domain import (
    Finding,
    Standing,
    Surveyed,
    SurveyRefused,
    SurveyTooEarly,
    check,
    polygons,
)
from services.grid.surveys.sources import read

GRID = system_actor("grid")
MOST_FINDINGS = 500
"""Findings that are told one by one; beyond, how many there are."""

list_editions = repository.list_editions
"""Editions, the latest first."""


@dataclass(frozen=True)
class Survey:
    """A file of unit grids (测绘数据). `collection`: GeoJSON, its coordinates in `crs`; `raw`: as it came."""

    collection: Mapping[str, Any]
    raw: bytes
    crs: Crs
    effective_from: date
    source: str
    dry_run: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it. `edition`: its number, None if nothing was imported; `ended`: of the former one."""

    cells: int
    neighbourhoods: int
    findings: Sequence[Finding]
    edition: int | None = None
    ended: int = 0

    @property
    def errors(self) -> int:
        """How many findings stand against it."""
        return sum(not finding.warning for finding in self.findings)


async def take(
    session: AsyncSession, given: Survey, *, viewer: Principal | None, actor: Actor, now: datetime
) -> Outcome:
    """Check everything, and import it unless that is but tried or something stands against it (入库).

    From the day of effect on, the unit grids take the place of all that their neighbourhoods had; what was
    there ends the day before and stays on record. Raises `SurveyTooEarly`, `SurveyRefused`, and `NotFound`
    for a neighbourhood outside the viewer's area.
    """
    if given.effective_from < local_date(now):
        raise SurveyTooEarly(effective_from=given.effective_from.isoformat(), pointer="/effective_from")
    await places.allow_long_work(session)
    await repository.lock(session)
    cells, found = await asyncio.to_thread(read, given.collection, given.crs)
    codes = [cell.code for cell in cells if len(cell.code) == 15 and cell.code.isascii()]
    neighbourhoods = {code[:12] for code in codes if code.isdecimal()}
    if viewer is not None:
        for code in neighbourhoods:
            require_area(viewer, code)
    standing = await _standing(session, cells, neighbourhoods, given.effective_from)
    found += await asyncio.to_thread(check, cells, standing)
    outcome = Outcome(len(cells), len(neighbourhoods), found)
    if given.dry_run:
        return outcome
    if outcome.errors or not cells:
        told = [vars(finding) for finding in found if not finding.warning]
        raise SurveyRefused(errors=outcome.errors, findings=told[:MOST_FINDINGS], pointer="/collection")
    number, ended = await _write(session, given, cells, (actor, now))
    return Outcome(len(cells), len(neighbourhoods), found, number, ended)


async def _standing(
    session: AsyncSession, cells: Sequence[Surveyed], neighbourhoods: Collection[str], day: date
) -> Standing:
    areas = await places.areas_with(session, {*neighbourhoods, *(code[:6] for code in neighbourhoods)})
    in_force = {
        area.code for area in areas if (area.valid_from or day) <= day and day <= (area.valid_to or day)
    }
    known = await repository.codes_known(session, neighbourhoods, day)
    rings = [cell.ring for cell in cells if cell.ring]
    boxes = np.array([bounds_of(ring) for ring in rings] or [(0, 0, 0, 0)])
    box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    return Standing(
        neighbourhoods=in_force & set(neighbourhoods),
        outlines={area.code: shape(area.outline) for area in areas if area.outline},
        retired={code for code, _, ended in known if ended},
        later={code[:12] for code, later, _ in known if later},
        beside=await repository.cells_beside(session, box, neighbourhoods, day),
    )


async def _write(
    session: AsyncSession, given: Survey, cells: Sequence[Surveyed], by: tuple[Actor, datetime]
) -> tuple[int, int]:
    """The edition with its unit grids. Answers its number, and how many of the former one it ends."""
    (actor, now), number = by, await repository.next_number(session)
    neighbourhoods = {cell.code[:12] for cell in cells}
    ended = await repository.end_former(session, neighbourhoods, given.effective_from)
    rows = await asyncio.to_thread(_rows, cells, number, given.effective_from)
    await places.put_unit_grids(session, rows)
    edition = UnitGridEdition(
        id=new_id(), version=0, number=number, townships=sorted({code[:9] for code in neighbourhoods}),
        effective_from=given.effective_from, cells=len(cells), ended=ended, crs=given.crs,
        source=given.source, digest=hashlib.sha256(given.raw).hexdigest(), raw=zlib.compress(given.raw, 1),
        imported_at=now, imported_by=actor.subject,
    )  # fmt: skip
    session.add(edition)
    await record(session, edition, _state(edition, now), actor=actor, now=now, change=Change("import"))
    return number, ended


def _rows(cells: Sequence[Surveyed], edition: int, valid_from: date) -> list[dict[str, Any]]:
    shapes = polygons(cell.ring for cell in cells)
    areas = places.square_metres(shapes)
    inner = np.rint(shapely.get_coordinates(shapely.point_on_surface(shapes)) * MICRO).astype(int).tolist()
    points, of = shapely.get_coordinates(shapely.get_exterior_ring(shapes), return_index=True)
    ends = np.flatnonzero(np.diff(of)) + 1
    rings = [ring[:-1].ravel().tolist() for ring in np.split(np.rint(points * MICRO).astype(int), ends)]
    rows = []
    for cell, area, centre, ring in zip(cells, areas.tolist(), inner, rings, strict=True):
        west, south, east, north = bounds_of(ring)
        rows.append(
            {
                "code": cell.code, "edition": edition, "demonstration": False,
                "ring": "{" + ",".join(map(str, ring)) + "}",
                "centre_lon": centre[0], "centre_lat": centre[1], "west": west, "south": south, "east": east,
                "north": north, "area_m2": round(area), "valid_from": valid_from,
            }
        )  # fmt: skip
    return rows


def survey_of(raw: bytes, crs: Crs, effective_from: date, source: str, *, dry_run: bool) -> Survey:
    """The survey of a file. Raises `ValueError` for what is no JSON object."""
    told = orjson.loads(raw)
    if not isinstance(told, dict):
        raise ValueError("a GeoJSON feature collection is an object")
    return Survey(told, raw, crs, effective_from, source, dry_run)


async def restate_editions(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again what the next editions were. Answers the last id, None at the end."""
    rows, now = await repository.editions_after(session, after, limit), utc_now()
    await append_many(session, [Entry(_state(row, now), row.id, row.version, GRID) for row in rows])
    return rows[-1].id if rows else None


def _state(edition: UnitGridEdition, now: datetime) -> UnitGridEditionChanged:
    return UnitGridEditionChanged(
        happened_at=now, number=edition.number, townships=tuple(edition.townships),
        effective_from=edition.effective_from, cells=edition.cells, ended=edition.ended, crs=edition.crs,
        source=edition.source, digest=edition.digest,
    )  # fmt: skip
