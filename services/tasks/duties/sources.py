"""Duties from the reference files: the documents' ended rows, and the live list expanded over areas. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from libs.common.ids import stable_id
from services.tasks.duties.domain import DutyFields
from services.tasks.units.domain import Origin
from services.tasks.units.service import read_files, serving, unit_id, units_of


def read(folder: Path) -> Mapping[str, Any]:
    """duties.yaml."""
    told: Mapping[str, Any] = yaml.load((folder / "duties.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return told


def duties(folder: Path) -> dict[UUID, DutyFields]:
    """Every row of the duty list of the files, by id."""
    told = read(folder)
    found = dict(_document_rows(told))
    files = read_files(folder)
    by_area = serving(units_of(files), files.areas)
    levels = {code: area.level for code, area in files.areas.items()}
    for row in told["live"]["rows"]:
        for code, kinds in by_area.items():
            if levels[code] == row["level"]:
                found[_live_id(row, code)] = _live_row(told["live"], row, code, kinds)
    return found


def _live_id(row: Mapping[str, Any], area: str) -> UUID:
    beside = f":{row['relation']}" if "relation" in row else ""
    return stable_id("duty", f"live:{row['category']}:{area}{beside}")


def _live_row(
    live: Mapping[str, Any], row: Mapping[str, Any], area: str, kinds: Mapping[str, UUID]
) -> DutyFields:
    return DutyFields(
        category=row["category"],
        area=area,
        lead_unit_ids=(kinds[row["lead"]],),
        cooperating_unit_ids=tuple(kinds[kind] for kind in row["cooperating"]),
        valid_from=date.fromisoformat(live["valid_from"]),
        origin=Origin.LIVE,
        demonstration=True,
        source=live["source"],
        relation=row.get("relation"),
        police_support=row.get("police_support", False),
    )


def _document_rows(told: Mapping[str, Any]) -> Iterator[tuple[UUID, DutyFields]]:
    for row in told["documents"]:
        source = told["sources"][row["source"]]
        inferred = "（推断）" if row.get("inferred") else ""
        yield (
            stable_id("duty", f"{row['source']}:{row['category']}"),
            DutyFields(
                category=row["category"],
                area=source["area"],
                lead_unit_ids=tuple(unit_id(code) for code in row.get("lead", ())),
                cooperating_unit_ids=tuple(unit_id(code) for code in row.get("cooperating", ())),
                named=tuple(row["named"]),
                valid_from=date.fromisoformat(source["valid_from"]),
                valid_to=date.fromisoformat(source["valid_to"]),
                origin=Origin.DOCUMENT,
                source=source["zh"] + inferred,
            ),
        )
