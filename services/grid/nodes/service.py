"""Use cases of the nodes: look up, who stands for a level there, register, change, load, restate.

Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from dataclasses import fields as columns_of
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import with_ancestors
from libs.common.clocks import local_date, utc_now
from libs.common.contracts.places import CoveredArea, NodeChanged
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.policy import Actor, system_actor
from libs.common.versions import check_version
from services.grid.nodes import repository
from services.grid.nodes.domain import (
    AreaNamed,
    Cover,
    Making,
    NodeCodeTaken,
    NodeFields,
    NodeUnknown,
    check_fields,
    check_not_taken,
    demonstration_nodes,
    is_news,
)
from services.grid.nodes.models import Node as Node
from services.grid.nodes.repository import NodeFilter as NodeFilter
from services.grid.places import service as places
from services.grid.places.domain import identity
from services.grid.rules import service as rules

GRID = system_actor("grid")
_COLUMNS = tuple(column.name for column in columns_of(NodeFields) if column.name != "covers")


@dataclass(frozen=True)
class NodeState:
    """A node with what it covers and covered."""

    node: Node
    covers: Sequence[Cover]


async def find(session: AsyncSession, node_id: UUID) -> NodeState:
    """The node, in force or ended. Raises `NodeUnknown`."""
    found = await repository.get(session, node_id)
    if found is None:
        raise NodeUnknown(node=str(node_id))
    return (await _with_covers(session, [found]))[0]


async def list_nodes(
    session: AsyncSession, wanted: NodeFilter, *, after: UUID | None, limit: int
) -> list[NodeState]:
    """Nodes that cover something in the area on a day, in order of id. Raises `AreaCodeInvalid`."""
    return await _with_covers(session, await repository.list_nodes(session, wanted, after=after, limit=limit))


async def names(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of the nodes with these ids, in force or ended."""
    return {node.id: node.name for node in await repository.list_by_ids(session, ids)}


async def history(session: AsyncSession, node_id: UUID) -> Sequence[History]:
    """Every change of the node. Raises `NodeUnknown`."""
    await find(session, node_id)
    return await repository.list_history(session, node_id)


async def standing(session: AsyncSession, areas: Collection[str], day: date) -> dict[str, dict[str, Node]]:
    """Which node stands for each level in each of the areas on the day: the one that covers least of it."""
    wanted = {area: with_ancestors(area) for area in areas}
    codes = {code for each in wanted.values() for code in each}
    covering: dict[str, list[Node]] = {}
    for code, node in await repository.list_covering(session, codes, day):
        covering.setdefault(code, []).append(node)
    return {area: _nearest(each, covering) for area, each in wanted.items()}


def _nearest(codes: Sequence[str], covering: Mapping[str, Sequence[Node]]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for code in codes:
        for node in covering.get(code, ()):
            found.setdefault(node.level, node)
    return found


async def register(session: AsyncSession, fields: NodeFields, *, actor: Actor, now: datetime) -> NodeState:
    """A new node (登记节点).

    Raises `LevelUnknown`, `AreaCodeInvalid`, `CoverOutside`, `CoverTaken`, `NodeDatesInverted`,
    `NodeCodeTaken`.
    """
    made = Node(id=new_id(), version=0, **_row(fields))
    await _check(session, made.id, fields)
    if await repository.code_taken(session, fields.code):
        raise NodeCodeTaken(node_code=fields.code, pointer="/code")
    session.add(made)
    await session.flush()
    return await _told(session, made, fields, Change("register"), actor, now)


async def change(
    session: AsyncSession,
    node_id: UUID,
    changes: Mapping[str, Any],
    *,
    expect: int,
    actor: Actor,
    now: datetime,
) -> NodeState:
    """Change some fields: name, covered areas, seat, an end. What the office has changed is its own: it is no
    demonstration any more, and no loading puts it back.

    Raises `NodeUnknown`, `Stale`, and what `register` raises.
    """
    found = await repository.get_for_update(session, node_id)
    if found is None:
        raise NodeUnknown(node=str(node_id))
    check_version(found, expect)
    before = fields_of(found, (await repository.covers_of(session, [node_id]))[node_id])
    after = replace(before, **changes, demonstration=False)
    await _check(session, node_id, after)
    for name, value in _row(after).items():
        setattr(found, name, value)
    told = {name: {"from": _plain(before, name), "to": _plain(after, name)} for name in changes}
    return await _told(session, found, after, Change("change", fields=told), actor, now)


async def _check(session: AsyncSession, node_id: UUID, fields: NodeFields) -> None:
    check_fields(fields)
    (await rules.rules(session)).level(fields.level)
    if fields.valid_to is None:
        codes = [cover.area for cover in fields.covers]
        held = await repository.list_held(session, fields.level, codes, node_id)
        check_not_taken(fields.covers, held, "/covers")


async def _told(
    session: AsyncSession, node: Node, fields: NodeFields, step: Change, actor: Actor, now: datetime
) -> NodeState:
    await repository.put_covers(session, {node.id: fields.covers})
    await record(session, node, _state(fields, now), actor=actor, now=now, change=step)
    return NodeState(node, sorted(fields.covers))


def _plain(fields: NodeFields, name: str) -> Any:
    value = getattr(fields, name)
    return [asdict(cover) for cover in value] if name == "covers" else value


async def load_nodes(session: AsyncSession, folder: Path) -> str:
    """Make the demonstration nodes from the area tree (演示). Repeatable; what the office changed stays."""
    text = (folder / "nodes.yaml").read_text("utf-8")
    making, now = Making.model_validate(yaml.safe_load(text)), utc_now()
    rows = (await places.areas_by_code(session)).values()
    areas = [AreaNamed(row.code, row.name, row.level) for row in rows if row.valid_to is None]
    wanted = {fields.code: fields for fields in demonstration_nodes(areas, making)}
    held, covers = await repository.by_code(session), await repository.covers_of(session)
    known = {code: fields_of(node, covers.get(node.id, ())) for code, node in held.items()}
    ended = local_date(now) - timedelta(days=1)
    for code in known.keys() - wanted.keys():
        if known[code].valid_to is None:
            wanted[code] = replace(known[code], valid_to=ended)
    changed = [fields for code, fields in wanted.items() if is_news(known.get(code), fields)]
    await _write(session, held, changed, now)
    return f"{len(wanted)} nodes (演示), {len(changed)} changed"


async def _write(
    session: AsyncSession, held: Mapping[str, Node], changed: Sequence[NodeFields], now: datetime
) -> None:
    entries, covers = [], {}
    for fields in changed:
        node = held.get(fields.code) or Node(id=identity("node", fields.code), version=0)
        for name, value in _row(fields).items():
            setattr(node, name, value)
        node.version += 1
        session.add(node)
        covers[node.id] = fields.covers
        entries.append(Entry(_state(fields, now), node.id, node.version, GRID, at=now, change=Change("load")))
    await session.flush()
    await repository.put_covers(session, covers)
    for start in range(0, len(entries), repository.BATCH):
        await append_many(session, entries[start : start + repository.BATCH])


async def restate_nodes(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Restate at most `limit` nodes behind the id. Answers their last id, None at the end."""
    now = utc_now()
    states = await _with_covers(session, await repository.after(session, after, limit))
    entries = [
        Entry(_state(fields_of(made.node, made.covers), now), made.node.id, made.node.version, GRID)
        for made in states
    ]
    await append_many(session, entries)
    return states[-1].node.id if states else None


async def _with_covers(session: AsyncSession, rows: Sequence[Node]) -> list[NodeState]:
    covers = await repository.covers_of(session, [node.id for node in rows])
    return [NodeState(node, covers[node.id]) for node in rows]


def fields_of(node: Node, covers: Sequence[Cover]) -> NodeFields:
    """The node as plain values."""
    return NodeFields(**{name: getattr(node, name) for name in _COLUMNS}, covers=tuple(sorted(covers)))


def _row(fields: NodeFields) -> dict[str, Any]:
    return {name: getattr(fields, name) for name in _COLUMNS}


def _state(fields: NodeFields, now: datetime) -> NodeChanged:
    """The full state as an event: without the telephone."""
    told = _row(fields)
    del told["telephone"]
    covers = tuple(CoveredArea(**asdict(cover)) for cover in sorted(fields.covers))
    return NodeChanged(happened_at=now, covers=covers, **told)
