"""Units from the reference files: the documents' 118, and the present-day list expanded over the areas. Pure.

>>> from services.tasks.units.sources import live_code
>>> live_code("310107", "housing-bureau")
'310107.housing-bureau'
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from libs.common.areas import AreaLevel, prefix_at
from libs.common.contracts.tasks import UnitSettings
from libs.common.ids import stable_id
from services.tasks.units.domain import Origin, UnitFields

LEVELS = {"city": "province", "district": "district", "township": "township"}
"""Level of the kinds in the file -> level of the areas that have one each."""


@dataclass(frozen=True)
class AreaName:
    """A row of areas.csv: names for the present-day units."""

    code: str
    name: str
    en: str
    level: str


@dataclass(frozen=True)
class UnitFiles:
    """units.yaml and areas.csv, read."""

    documents: tuple[Mapping[str, Any], ...]
    sources: Mapping[str, str]
    live: Mapping[str, Any]
    areas: Mapping[str, AreaName]


def live_code(area: str, kind: str) -> str:
    """The code of the present-day unit of a kind in an area."""
    return f"{area}.{kind}"


def unit_id(code: str) -> UUID:
    """The id of the unit with this code in the files."""
    return stable_id("unit", code)


def read(folder: Path) -> UnitFiles:
    """Read the files of the folder."""
    told = yaml.load((folder / "units.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        areas = {row["code"]: AreaName(**row) for row in csv.DictReader(file)}
    return UnitFiles(tuple(told["documents"]), told["sources"], told["live"], areas)


def units(files: UnitFiles) -> dict[UUID, UnitFields]:
    """Every unit of the files by id; a present-day unit that a document names is the document's row."""
    found = {unit_id(row["code"]): _document_unit(files, row) for row in files.documents}
    taken = {(fields.area, fields.kind) for fields in found.values() if fields.valid_to is None}
    for area, kind in _live_kinds(files):
        if (area.code, kind["kind"]) not in taken:
            fields = _live_unit(files, area, kind)
            found[unit_id(fields.code)] = fields
    return found


def serving(
    units_by_id: Mapping[UUID, UnitFields], areas: Mapping[str, AreaName]
) -> dict[str, dict[str, UUID]]:
    """For each area its present-day unit of each kind; its district serves a township too."""
    own: dict[str, dict[str, UUID]] = {code: {} for code in areas}
    for key, fields in units_by_id.items():
        if fields.valid_to is None and fields.area in own:
            own[fields.area].setdefault(fields.kind, key)
    return {
        code: {**own.get(prefix_at(code, AreaLevel.DISTRICT), {}), **kinds} if len(code) > 6 else kinds
        for code, kinds in own.items()
    }


def _live_kinds(files: UnitFiles) -> Iterator[tuple[AreaName, Mapping[str, Any]]]:
    for level, kinds in files.live["kinds"].items():
        for area in files.areas.values():
            if area.level == LEVELS[level]:
                yield from ((area, kind) for kind in kinds)


def _live_unit(files: UnitFiles, area: AreaName, kind: Mapping[str, Any]) -> UnitFields:
    parent = kind.get("under")
    parent_area = area.code[:6]
    return UnitFields(
        code=live_code(area.code, kind["kind"]),
        name_zh=_name_zh(area, kind),
        name_en=_name_en(files, area, kind),
        kind=kind["kind"],
        area=area.code,
        aliases=(kind["alias"],) if "alias" in kind else (),
        parent_id=_present_unit(files, parent_area, parent) if parent else None,
        valid_from=date.fromisoformat(files.live["valid_from"]),
        origin=Origin.LIVE,
        demonstration=True,
        source=files.live["source"],
        settings=_settings(kind),
    )


def _document_unit(files: UnitFiles, row: Mapping[str, Any]) -> UnitFields:
    code, area = row["code"], files.areas[row["area"]]
    kind = _kind_at(files, area, row["live_kind"]) if "live_kind" in row else None
    printed = (row["zh"], *row.get("aliases", ()))
    note = f"；{row['note']}" if "note" in row else ""
    return UnitFields(
        code=code,
        name_zh=_name_zh(area, kind) if kind else row["zh"],
        name_en=_name_en(files, area, kind) if kind else row["en"],
        kind=kind["kind"] if kind else row["kind"],
        area=area.code,
        aliases=tuple(dict.fromkeys([*printed, kind["alias"]])) if kind else printed[1:],
        is_group=row.get("group", False),
        member_units=tuple(unit_id(member) for member in row.get("members", ())),
        parent_id=_present_unit(files, area.code[:6], kind["under"]) if kind and "under" in kind else None,
        hosted_by_id=unit_id(row["hosted_by"]) if "hosted_by" in row else None,
        successor_id=_successor(files, row["successor"]) if "successor" in row else None,
        valid_to=date.fromisoformat(row["valid_to"]) if "valid_to" in row else None,
        origin=Origin.DOCUMENT,
        source=files.sources[code.split("-")[0]] + note,
        settings=_settings(kind) if kind else UnitSettings(),
    )


def _kind_at(files: UnitFiles, area: AreaName, kind: str) -> Mapping[str, Any]:
    level = next(level for level, areas in LEVELS.items() if areas == area.level)
    found: Mapping[str, Any] = next(row for row in files.live["kinds"][level] if row["kind"] == kind)
    return found


def _present_unit(files: UnitFiles, area: str, kind: str) -> UUID:
    """The unit of the kind in the area: the document's row where one stands for it."""
    for row in files.documents:
        if row["area"] == area and row.get("live_kind") == kind:
            return unit_id(row["code"])
    return unit_id(live_code(area, kind))


def _successor(files: UnitFiles, code: str) -> UUID:
    area, _, kind = code.partition(".")
    return _present_unit(files, area, kind) if kind else unit_id(code)


def _name_zh(area: AreaName, kind: Mapping[str, Any]) -> str:
    return str(kind["zh"]) if area.level == "province" else f"{area.name}{kind['zh']}"


def _name_en(files: UnitFiles, area: AreaName, kind: Mapping[str, Any]) -> str:
    if area.level == "township":
        return f"{kind['en']}, {area.name} ({files.areas[area.code[:6]].en})"
    return f"{kind['en']}, {area.en}"


def _settings(kind: Mapping[str, Any]) -> UnitSettings:
    return UnitSettings(
        sign_off_required=kind.get("sign_off", False), sections=tuple(kind.get("sections", ()))
    )
