"""Books made by hand: targets, reports as they were written, verified tasks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.common.ids import stable_id
from libs.common.quantities import from_base, to_base
from services.targets.figures.domain import Figure, Source, Total
from services.targets.lights.domain import Thresholds
from services.targets.progress.domain import Ask, Book, Node
from services.targets.targets.domain import Kind

D = Decimal
CITY, PUDONG, PUTUO, BAOSHAN, HUANGPU = "31", "310115", "310107", "310113", "310101"
KANGQIAO = "310115136"
TOWNS = ("310107005", "310107010")
END = date(2020, 12, 31)
RULES = Thresholds(D("0.9"), D("0.7"), 30)


def id_of(code: str) -> UUID:
    return stable_id("target", code)


def node(code: str, area: str, kind: Kind = Kind.SUM, **more: Any) -> Node:
    if "parent" in more:
        more["parent_id"] = id_of(more.pop("parent"))
    return Node(id_of(code), area, kind, **({"deadline": END} | more))


def span(year: int, quarter: int | None = None) -> tuple[date, date]:
    if quarter is None:
        return date(year, 1, 1), date(year, 12, 31)
    last = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}[quarter]
    return date(year, 3 * quarter - 2, 1), date(year, *last)


def said(
    code: str,
    area: str,
    when: tuple[date, date],
    quantity: str | None = None,
    unit: str = "wan_m2",
    **more: Any,
) -> Figure:
    """An accepted report; the quantity as it was written, in its unit."""
    base = None if quantity is None else to_base(D(quantity), unit)
    holder = stable_id("allocation", f"{code}:{area}:{more.pop('by', '')}")
    values = {"quantity": base, "holder": holder, "known": when[1]} | more
    return Figure(id_of(code), area, when[0], when[1], **values)


def task(code: str, area: str, on: date, quantity: str, unit: str, *once: str) -> Figure:
    base = to_base(D(quantity), unit)
    return Figure(id_of(code), area, on, on, on, Source.TASK, base, once=once)


def book(nodes: list[Node], figures: list[Figure]) -> Book:
    found: dict[UUID, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.target_id, []).append(figure)
    return Book({each.id: each for each in nodes}, found)


def total(nodes: list[Node], figures: list[Figure], code: str, day: date = END, **ask: Any) -> Total:
    return book(nodes, figures).total(id_of(code), Ask(day, **ask))


def wan(found: Total) -> Decimal | None:
    return None if found.value is None else from_base(found.value, "wan_m2")
