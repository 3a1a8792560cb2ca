"""Bodies from the reference files: one row of bodies.yaml per area of its level. Pure.

>>> code_of("310107005001", BodyKind.STUDIO)
'310107005001.studio'
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from libs.common.areas import AreaLevel, CommitteeKind, committee_kind, level_of, parent_of
from libs.common.ids import stable_id
from services.disputes.bodies.domain import BodyFields, BodyKind, Origin, Tier

_TIERS = {
    AreaLevel.NEIGHBOURHOOD: Tier.NEIGHBOURHOOD,
    AreaLevel.TOWNSHIP: Tier.TOWNSHIP,
    AreaLevel.DISTRICT: Tier.DISTRICT,
}


@dataclass(frozen=True)
class AreaName:
    """A row of areas.csv; only districts have an English name."""

    code: str
    name: str
    en: str


@dataclass(frozen=True)
class BodyFiles:
    """bodies.yaml and areas.csv, read."""

    valid_from: date
    source: str
    tiers: Mapping[Tier, Mapping[str, Any]]
    areas: Mapping[str, AreaName]


def code_of(area: str, kind: BodyKind) -> str:
    """The code of the body of a kind in an area."""
    return f"{area}.{kind.replace('_', '-')}"


def body_id(code: str) -> UUID:
    """The id of the body with this code in the files."""
    return stable_id("body", code)


def read(folder: Path) -> BodyFiles:
    """Read the files of the folder."""
    told = yaml.safe_load((folder / "bodies.yaml").read_text("utf-8"))
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        areas = {row["code"]: AreaName(**row) for row in csv.DictReader(file)}
    tiers = {Tier(name): row for name, row in told["tiers"].items()}
    return BodyFiles(date.fromisoformat(told["valid_from"]), told["source"], tiers, areas)


def bodies(files: BodyFiles) -> dict[UUID, BodyFields]:
    """Every body of the files by id."""
    made = (_body(files, area) for area in files.areas.values())
    return {body_id(fields.code): fields for fields in made}


def committee_area(area: str) -> str:
    """The area whose people's mediation committee a body of the area uses.

    Every residents' and villagers' committee has one (人民调解法 第八条); a neighbourhood-level area that is
    neither uses its town's.
    """
    if level_of(area) is AreaLevel.NEIGHBOURHOOD and committee_kind(area) is CommitteeKind.OTHER:
        return parent_of(area) or area
    return area


def _body(files: BodyFiles, area: AreaName) -> BodyFields:
    tier = _TIERS[level_of(area.code)]
    row = files.tiers[tier]
    kind = BodyKind(row["kind"])
    home = files.areas[committee_area(area.code)]
    committee = files.tiers[_TIERS[level_of(home.code)]]["committee"]
    return BodyFields(
        code=code_of(area.code, kind),
        name_zh=f"{area.name}{row['zh']}",
        name_en=f"{row['en']}, {_name_en(files, area)}",
        kind=kind,
        tier=tier,
        area=area.code,
        committee_code=code_of(home.code, BodyKind.PEOPLE_MEDIATION),
        committee_zh=f"{home.name}{committee['zh']}",
        committee_en=f"{committee['en']}, {_name_en(files, home)}",
        number_word=_word(files, home) + committee["word"],
        valid_from=files.valid_from,
        origin=Origin.LIVE,
        demonstration=True,
        source=files.source,
    )


def _word(files: BodyFiles, home: AreaName) -> str:
    """The place in a number: a neighbourhood's name is not unique in the city, its town stands before it."""
    if level_of(home.code) is AreaLevel.NEIGHBOURHOOD:
        return files.areas[home.code[:9]].name + home.name
    return home.name


def _name_en(files: BodyFiles, area: AreaName) -> str:
    district = files.areas[area.code[:6]].en
    return area.en or f"{area.name} ({district})"
