"""Use cases of the nodes: make, look up. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.nodes import repository
from services.grid.nodes.models import Node as Node

BEGIN = date(2018, 1, 1)
"""Since when a demonstration node covers an area whose own beginning is not known."""
PREFIXES = (6, 9, 12)
"""Digits of the areas that nodes cover."""


async def make_nodes(session: AsyncSession, _: Path) -> str:
    """The loader: one node per district, subdistrict and neighbourhood, and workstations between (演示)."""
    await repository.make(session, BEGIN)
    return "nodes of the four levels (演示)"


async def nodes_over(session: AsyncSession, area: str, on: date) -> list[tuple[Node, Sequence[str]]]:
    """Who has the area on the day, from the neighbourhood up to the district, with all that they cover."""
    codes = [area[:digits] for digits in PREFIXES if len(area) >= digits]
    nodes = sorted(await repository.list_over(session, codes, on), key=lambda node: node.code)
    covered: dict[object, list[str]] = {}
    for cover in await repository.covers_of(session, [node.id for node in nodes], on):
        covered.setdefault(cover.node_id, []).append(cover.area)
    return [(node, covered[node.id]) for node in nodes]
