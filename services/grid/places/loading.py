"""Load the geography: areas from their file, unit grids and estates made from the outlines (演示).

Surveyed unit grids and estates that the office has changed stay as they are.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import inspect
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from shapely.geometry import shape
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.places import CoveredArea
from libs.common.events.contract import Event
from libs.common.events.record import Change, Entry, append_many
from libs.common.policy import system_actor
from services.grid.places import generation, partition, repository, tessellation
from services.grid.places.domain import bounds_of, identity
from services.grid.places.generation import GeneratedCell, GeneratedEstate, Progress
from services.grid.places.models import Area, Estate
from services.grid.places.service import area_changed, estate_changed, periods_told

ACTOR = system_actor("grid")
AREA_SOURCE = "国家统计局 统计用区划代码 2023"
MADE_BY = "演示数据 generated"


@dataclass(frozen=True)
class Sources:
    """What the files say. `digest` is that of everything that the generated part follows from."""

    areas: Sequence[Mapping[str, Any]]
    outlines: Mapping[str, dict[str, Any]]
    seed: int
    valid_from: date
    tolerance: Mapping[str, Any]
    address_least: int
    digest: str

    def names(self, level: str) -> dict[str, str]:
        """Name by code of the areas of a level that are in force."""
        return {
            row["code"]: row["name"] for row in self.areas if row["level"] == level and not row["valid_to"]
        }


async def load_places(session: AsyncSession, folder: Path) -> str:
    """The service's loader: brings the database to what the files say. Repeatable."""
    return await load_geography(session, read_sources(folder), now=utc_now())


def read_sources(folder: Path, districts: Collection[str] = ()) -> Sources:
    """Read the files; with `districts`, only the outlines, neighbourhoods and townships of these."""
    settings = yaml.safe_load((folder / "geography.yaml").read_text("utf-8"))
    raw = (folder / "districts.geojson").read_bytes()
    outlines = {
        feature["properties"]["code"]: feature["geometry"]
        for feature in json.loads(raw)["features"]
        if not districts or feature["properties"]["code"] in districts
    }
    areas = [
        row for row in _rows(folder / "areas.csv") if len(row["code"]) <= 6 or row["code"][:6] in outlines
    ]
    made_from = hashlib.sha256(
        raw + json.dumps([areas, sorted(outlines), settings["seed"]], default=str).encode()
    )
    for module in (generation, partition, tessellation):
        made_from.update(inspect.getsource(module).encode())
    return Sources(
        areas=areas,
        outlines=outlines,
        seed=settings["seed"],
        valid_from=settings["valid_from"],
        tolerance=settings["tolerance"],
        address_least=settings["addresses"]["least_percent"],
        digest=made_from.hexdigest(),
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {
                **row,
                "valid_from": date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
                "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                "successor": row["successor"] or None,
            }
            for row in csv.DictReader(file)
        ]


async def load_geography(
    session: AsyncSession, sources: Sources, *, now: datetime, progress: Progress | None = None
) -> str:
    """Bring areas, unit grids and estates to what the sources say; `now` is UTC. Returns what was done.

    Unit grids and estates are made again only if something that they follow from has changed: some ten
    seconds for the whole city, during which `progress` is told of each district (in another thread).
    """
    await repository.allow_long_work(session)
    changed = await _load_areas(session, sources, now)
    known = await repository.geography(session)
    done = f"{len(sources.areas)} areas ({changed} changed)"
    if known is not None and known.digest == sources.digest:
        done += "; unit grids and estates unchanged"
    else:
        cells, estates = await asyncio.to_thread(_make, sources, progress)
        await _load_unit_grids(session, sources, cells, now)
        await _load_estates(session, sources, estates, now)
        done += f"; {len(cells)} unit grids and {len(estates)} estates (演示) made and loaded"
    values = {
        "digest": sources.digest,
        "tolerance_m": sources.tolerance["metres"],
        "tolerance_source": sources.tolerance["source"],
        "effective_from": sources.tolerance["effective_from"],
        "address_least": sources.address_least,
        "loaded_at": now,
    }
    await repository.put_geography(session, values)
    return done


def _make(sources: Sources, progress: Progress | None) -> tuple[list[GeneratedCell], list[GeneratedEstate]]:
    outlines = {code: shape(geometry) for code, geometry in sources.outlines.items()}
    names = sources.names("neighbourhood")
    cells = generation.generate_cells(outlines, names, seed=sources.seed, progress=progress)
    return cells, generation.generate_estates((cell.code for cell in cells), names, seed=sources.seed)


async def _publish(
    session: AsyncSession, changes: Sequence[tuple[Area | Estate, Event]], now: datetime
) -> None:
    """`record` for many rows at once: one more version, history row and event for each."""
    for row, _ in changes:
        row.version += 1
    await session.flush()
    for start in range(0, len(changes), repository.BATCH):
        entries = [
            Entry(event, row.id, row.version, ACTOR, at=now, change=Change(action="load"))
            for row, event in changes[start : start + repository.BATCH]
        ]
        await append_many(session, entries)


async def _load_areas(session: AsyncSession, sources: Sources, now: datetime) -> int:
    known = await repository.areas_by_code(session)
    changed = []
    for row in sources.areas:
        area = known.get(row["code"])
        state = {**_area_state(row), "outline": sources.outlines.get(row["code"])}
        if area is None:
            area = Area(id=identity("area", row["code"]), version=0, demonstration=False, **state)
            session.add(area)
            changed.append(area)
        elif any(getattr(area, name) != value for name, value in state.items()):
            for name, value in state.items():
                setattr(area, name, value)
            changed.append(area)
    await _publish(session, [(area, area_changed(area, now)) for area in changed], now)
    return len(changed)


def _area_state(row: Mapping[str, Any]) -> dict[str, Any]:
    wanted = ("code", "name", "level", "valid_from", "valid_to", "successor")
    parents = [row["code"][:length] for length in (2, 4, 6, 9) if length < len(row["code"])]
    return {
        **{name: row[name] for name in wanted},
        "parent_code": parents[-1] if parents else None,
        "source": AREA_SOURCE,
    }


async def _load_unit_grids(
    session: AsyncSession, sources: Sources, cells: Sequence[GeneratedCell], now: datetime
) -> None:
    surveyed = await repository.surveyed_neighbourhoods(session)
    made = [cell for cell in cells if cell.code[:12] not in surveyed]
    rows = []
    for cell in made:
        west, south, east, north = bounds_of(cell.ring)
        rows.append(
            {
                "code": cell.code,
                "edition": 0,
                "demonstration": True,
                "ring": "{" + ",".join(map(str, cell.ring)) + "}",
                "centre_lon": cell.centre[0],
                "centre_lat": cell.centre[1],
                "west": west,
                "south": south,
                "east": east,
                "north": north,
                "area_m2": cell.area_m2,
                "valid_from": sources.valid_from,
            }
        )
    await repository.put_unit_grids(session, rows)
    await repository.end_unit_grids_but(session, [cell.code for cell in made], on=_yesterday(now))


async def _load_estates(
    session: AsyncSession, sources: Sources, estates: Sequence[GeneratedEstate], now: datetime
) -> None:
    known = await repository.estates_by_id(session)
    covered = await repository.coverage_codes(session)
    generated = {identity("estate", estate.key): estate for estate in estates}
    kept = {key for key in generated.keys() & known.keys() if not known[key].demonstration}
    wanted = {key: estate for key, estate in generated.items() if key not in kept}
    changed = {
        estate_id: _as_wanted(known.get(estate_id) or _new_estate(session, estate_id), estate, sources)
        for estate_id, estate in wanted.items()
        if not _same(known.get(estate_id), estate, covered.get(estate_id))
    }
    gone = [known[key] for key in known.keys() - generated.keys() if known[key].demonstration]
    ended = [estate for estate in gone if estate.valid_to is None]
    for estate in ended:
        estate.valid_to = _yesterday(now)
    codes = {**covered, **{key: wanted[key].unit_grids for key in changed}}
    told = (*changed.values(), *ended)
    rows = await repository.periods_of(session, [estate.id for estate in told if estate.id in known])
    events = [
        (
            estate,
            estate_changed(
                estate,
                _covers(codes.get(estate.id, ()), sources.valid_from),
                periods_told(estate, rows.get(estate.id, ())),
                now,
            ),
        )
        for estate in told
    ]
    await _publish(session, events, now)
    await repository.put_words(session, {estate.id: estate.name for estate in changed.values()})
    await repository.replace_coverage(
        session, {key: wanted[key].unit_grids for key in changed}, valid_from=sources.valid_from
    )


def _yesterday(now: datetime) -> date:
    """The last day of what the new content no longer has: it takes over today."""
    return local_date(now) - timedelta(days=1)


def _same(estate: Estate | None, wanted: GeneratedEstate, covered: Sequence[str] | None) -> bool:
    return (
        estate is not None
        and (estate.name, estate.mode, estate.valid_to) == (wanted.name, wanted.mode, None)
        and covered == sorted(wanted.unit_grids)
    )


def _new_estate(session: AsyncSession, estate_id: UUID) -> Estate:
    estate = Estate(id=estate_id, version=0, source=MADE_BY, demonstration=True)
    session.add(estate)
    return estate


def _as_wanted(estate: Estate, wanted: GeneratedEstate, sources: Sources) -> Estate:
    estate.name, estate.mode = wanted.name, wanted.mode
    estate.valid_from, estate.valid_to = sources.valid_from, None
    return estate


def _covers(codes: Sequence[str], valid_from: date) -> tuple[CoveredArea, ...]:
    return tuple(CoveredArea(area=code, valid_from=valid_from) for code in sorted(codes))
