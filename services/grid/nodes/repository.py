"""Every statement on the nodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import with_ancestors
from libs.common.events.models import History
from services.grid.nodes.domain import Cover
from services.grid.nodes.models import Node, NodeCover

BATCH = 5_000
"""Rows per statement when a whole city is written."""


@dataclass(frozen=True)
class NodeFilter:
    """Which nodes: that cover something in the area, of a level, in force on a day."""

    area: str
    on: date
    level: str | None = None


def _in_force(table: type[Node] | type[NodeCover], on: date) -> ColumnElement[bool]:
    begun = or_(table.valid_from.is_(None), table.valid_from <= on)
    return and_(begun, or_(table.valid_to.is_(None), table.valid_to >= on))


async def get(session: AsyncSession, node_id: UUID) -> Node | None:
    """The node."""
    return await session.get(Node, node_id)


async def get_for_update(session: AsyncSession, node_id: UUID) -> Node | None:
    """The node, its row locked."""
    return await session.get(Node, node_id, with_for_update=True, populate_existing=True)


async def list_by_ids(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Node]:
    """Those of the nodes that exist."""
    return (await session.scalars(select(Node).where(Node.id.in_(ids)))).all() if ids else ()


async def list_nodes(
    session: AsyncSession, wanted: NodeFilter, *, after: UUID | None, limit: int
) -> Sequence[Node]:
    """Nodes that cover something in the area, or the area as a whole, in order of id."""
    code = NodeCover.area
    inside = and_(code >= wanted.area, code < wanted.area + ":")  # ':' follows '9'
    covering = select(NodeCover.node_id).where(
        or_(inside, code.in_(with_ancestors(wanted.area)[1:])), _in_force(NodeCover, wanted.on)
    )
    query = select(Node).where(Node.id.in_(covering), _in_force(Node, wanted.on)).order_by(Node.id)
    if wanted.level is not None:
        query = query.where(Node.level == wanted.level)
    if after is not None:
        query = query.where(Node.id > after)
    return (await session.scalars(query.limit(limit))).all()


async def list_covering(session: AsyncSession, codes: Collection[str], on: date) -> list[tuple[str, Node]]:
    """Each node in force that covers one of these very codes on the day, with the code."""
    query = (
        select(NodeCover.area, Node)
        .join(Node, Node.id == NodeCover.node_id)
        .where(NodeCover.area.in_(codes), _in_force(NodeCover, on), _in_force(Node, on))
        .order_by(Node.id)
    )
    return [(code, node) for code, node in await session.execute(query)]


async def list_held(
    session: AsyncSession, level: str, codes: Collection[str], but: UUID
) -> list[tuple[str, Cover]]:
    """What other nodes of the level, that have not ended, cover of the codes, with their names."""
    covered = NodeCover
    query = (
        select(Node.name, covered.area, covered.valid_from, covered.valid_to)
        .join(Node, Node.id == covered.node_id)
        .where(Node.level == level, covered.area.in_(codes), Node.id != but, Node.valid_to.is_(None))
    )
    return [(name, Cover(code, first, last)) for name, code, first, last in await session.execute(query)]


async def covers_of(session: AsyncSession, ids: Collection[UUID] | None = None) -> dict[UUID, list[Cover]]:
    """What each of the nodes covers and covered, or every node, in order of code and date."""
    query = select(NodeCover).order_by(NodeCover.area, NodeCover.valid_from)
    if ids is not None:
        query = query.where(NodeCover.node_id.in_(ids))
    found: dict[UUID, list[Cover]] = {node_id: [] for node_id in ids or ()}
    for row in await session.scalars(query):
        found.setdefault(row.node_id, []).append(Cover(row.area, row.valid_from, row.valid_to))
    return found


async def put_covers(session: AsyncSession, covers: Mapping[UUID, Sequence[Cover]]) -> None:
    """Let these nodes cover exactly this."""
    ids = list(covers)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        await session.execute(delete(NodeCover).where(NodeCover.node_id.in_(batch)))
        rows = [
            {"node_id": key, "area": row.area, "valid_from": row.valid_from, "valid_to": row.valid_to}
            for key in batch
            for row in covers[key]
        ]
        if rows:
            await session.execute(insert(NodeCover), rows)


async def code_taken(session: AsyncSession, code: str) -> bool:
    """Whether a node has the code."""
    return await session.scalar(select(Node.id).where(Node.code == code)) is not None


async def by_code(session: AsyncSession) -> dict[str, Node]:
    """Every node, locked: for the loader."""
    rows = await session.scalars(select(Node).order_by(Node.id).with_for_update())
    return {node.code: node for node in rows}


async def after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Node]:
    """The next nodes by id, locked: for restating."""
    query = select(Node).order_by(Node.id).limit(limit).with_for_update()
    if last is not None:
        query = query.where(Node.id > last)
    return (await session.scalars(query)).all()


async def list_history(session: AsyncSession, node_id: UUID) -> Sequence[History]:
    """Every change of the node, the first one first."""
    query = select(History).where(History.aggregate_id == node_id).order_by(History.version)
    return (await session.scalars(query)).all()
