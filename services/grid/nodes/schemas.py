"""Shapes of the nodes."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.schemas import Read


class NodeRead(Read):
    """An organisation of a level. 层级节点"""

    id: UUID
    code: str
    level: str
    name: str
    seat: str | None
    covers: list[str]
    source: str
    demonstration: bool


class NodeList(Read):
    """Who has an area. 层级节点"""

    items: list[NodeRead]
