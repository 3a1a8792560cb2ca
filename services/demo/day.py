"""The day 一天: what every story shares, and where it plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from libs.common.policy import Role
from services.demo.book import Book
from services.demo.people import CITY, People, Person

DISTRICTS = ("310107", "310101", "310113")
"""普陀, 黄浦, 宝山."""
TOWNS_EACH = 2
NEIGHBOURHOODS_EACH = 3
CATEGORIES = ("0202", "0105", "0301", "0303", "0305", "0104")
"""Everyday matters of a town's offices: clutter, common parts taken, litter and the like."""


@dataclass(frozen=True)
class Place:
    """A neighbourhood by the codes around it."""

    district: str
    town: str
    code: str
    name: str


@dataclass
class Day:
    """Everybody, the book, the places and the categories of one day."""

    people: People
    book: Book
    random: Random
    places: Sequence[Place] = ()
    standards: Mapping[str, str] = field(default_factory=dict)
    """The first standard of each category."""
    _units: dict[str, Any] = field(default_factory=dict)

    @property
    def anyone(self) -> Person:
        """Somebody who may read reference data."""
        return self.people.one(Role.ADMINISTRATOR, CITY)

    async def look_round(self) -> None:
        """Read where the day plays and what is reported there. Raises `LookupError` if there is nothing."""
        rows = await self.anyone.get("/grid/v1/categories")
        found = {row["code"]: row["standards"][0]["code"] for row in rows["items"] if row["standards"]}
        self.standards = {code: found[code] for code in CATEGORIES if code in found}
        self.places = [place for district in DISTRICTS for place in await self._places(district)]
        if not self.places or not self.standards:
            raise LookupError("no areas or no categories are loaded")

    async def _places(self, district: str) -> list[Place]:
        towns = await self._below(district, TOWNS_EACH)
        return [
            Place(district, town["code"], row["code"], f"{town['name']}{row['name']}")
            for town in towns
            for row in await self._below(town["code"], NEIGHBOURHOODS_EACH)
        ]

    async def _below(self, code: str, count: int) -> list[Any]:
        page = await self.anyone.get("/grid/v1/areas", parent=code, limit=count)
        return list(page["items"])

    def place(self, number: int) -> Place:
        """The place of a story's journey of this number: districts take turns."""
        stride = TOWNS_EACH * NEIGHBOURHOODS_EACH
        turn, step = number % len(DISTRICTS), number // len(DISTRICTS)
        return self.places[(turn * stride + step % stride) % len(self.places)]

    def category(self, number: int) -> str:
        """A category for a journey of this number."""
        codes = list(self.standards)
        return codes[number % len(codes)]

    async def signs_off(self, unit_id: str) -> bool:
        """Whether the unit's answers leave through its leader."""
        if unit_id not in self._units:
            self._units[unit_id] = await self.anyone.get(f"/tasks/v1/units/{unit_id}")
        return bool(self._units[unit_id]["settings"]["sign_off_required"])
