"""Every statement of the nodes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.nodes.models import Cover, Node

WORKSTATION_COVERS = 5
"""Neighbourhoods of one demonstration workstation."""

_WANTED = """WITH alive AS (
    SELECT code, name, level, valid_from FROM area WHERE valid_to IS NULL AND length(code) IN (6, 9, 12)
), placed AS (
    SELECT code, name, valid_from,
        left(code, 9) || '-' || (row_number() OVER township - 1) / :covers + 1 AS station
    FROM alive WHERE length(code) = 12 WINDOW township AS (PARTITION BY left(code, 9) ORDER BY code)
), wanted (code, level, name, area, valid_from) AS (
    SELECT 'D' || code, 'district', name || '城市运行综合管理中心', code, valid_from FROM alive
        WHERE length(code) = 6
    UNION ALL SELECT 'S' || code, 'subdistrict', name || '网格化综合管理中心', code, valid_from FROM alive
        WHERE length(code) = 9
    UNION ALL SELECT 'W' || station, 'workstation',
        (SELECT name FROM alive WHERE alive.code = left(placed.code, 9))
            || '第' || split_part(station, '-', 2) || '社区工作站', code, valid_from FROM placed
    UNION ALL SELECT 'P' || code, 'information_point', name || '信息点', code, valid_from FROM placed
)"""
_NODES = """INSERT INTO node (id, code, level, name, source, demonstration)
    SELECT uuidv7(), code, min(level), coalesce(min(name), code), '演示', true FROM wanted
    GROUP BY code ORDER BY code
    ON CONFLICT (code) DO NOTHING"""
_COVERS = """INSERT INTO node_cover (node_id, area, valid_from)
    SELECT node.id, area, coalesce(wanted.valid_from, :since) FROM wanted JOIN node USING (code)
    WHERE node.demonstration AND NOT EXISTS
        (SELECT FROM node_cover known WHERE known.node_id = node.id AND known.area = wanted.area)"""
_MAKE_NODES, _MAKE_COVERS = text(_WANTED + _NODES), text(_WANTED + _COVERS)


async def make(session: AsyncSession, since: date) -> None:
    """Make the demonstration nodes that the area tree asks for and that are not there."""
    await session.execute(_MAKE_NODES, {"covers": WORKSTATION_COVERS})
    await session.execute(_MAKE_COVERS, {"covers": WORKSTATION_COVERS, "since": since})


def _in_force(on: date) -> ColumnElement[bool]:
    return (Cover.valid_from <= on) & or_(Cover.valid_to.is_(None), Cover.valid_to > on)


async def list_over(session: AsyncSession, codes: Sequence[str], on: date) -> Sequence[Node]:
    """The nodes that cover one of the areas on the day."""
    covering = select(Cover.node_id).where(Cover.area.in_(codes), _in_force(on))
    return (await session.scalars(select(Node).where(Node.id.in_(covering)))).all()


async def covers_of(session: AsyncSession, node_ids: Sequence[UUID], on: date) -> Sequence[Cover]:
    """What the nodes cover on the day, by area."""
    query = select(Cover).where(Cover.node_id.in_(node_ids), _in_force(on)).order_by(Cover.area)
    return (await session.scalars(query)).all()
