"""The rows of the version gate: loaded and locked by one statement per batch, stored by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.gate import GateState

Key = tuple[str, UUID]
"""Topic and aggregate."""

_LOAD = text(
    """SELECT g.topic, g.aggregate_id, g.epoch, g.version, g.parked, g.position
    FROM version_gate g
    JOIN unnest(CAST(:topics AS text[]), CAST(:ids AS uuid[])) AS k(topic, aggregate_id)
        ON g.topic = k.topic AND g.aggregate_id = k.aggregate_id
    WHERE g.consumer = :consumer
    ORDER BY g.topic, g.aggregate_id
    FOR UPDATE OF g"""
)

_STORE = text(
    """INSERT INTO version_gate AS g (consumer, topic, aggregate_id, epoch, version, parked, position)
    SELECT :consumer, k.* FROM unnest(CAST(:topics AS text[]), CAST(:ids AS uuid[]), CAST(:epochs AS int[]),
        CAST(:versions AS int[]), CAST(:parked AS boolean[]), CAST(:positions AS bigint[])) AS k
    ON CONFLICT (consumer, topic, aggregate_id) DO UPDATE
    SET epoch = excluded.epoch, version = excluded.version, parked = excluded.parked,
        position = excluded.position"""
)

_BEYOND = text(
    """SELECT g.topic, g.aggregate_id, g.epoch, g.version, g.position FROM version_gate g
    JOIN epoch_seen e ON e.consumer = g.consumer AND e.producer = split_part(g.topic, '.', 2)
    WHERE g.consumer = :consumer AND g.epoch < e.epoch AND g.position > e.restored_to
    ORDER BY g.topic, g.aggregate_id LIMIT :limit"""
)


async def load(session: AsyncSession, consumer: str, keys: Iterable[Key]) -> dict[Key, GateState]:
    """What is known of the keys, locked until the end of the transaction."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await session.execute(
        _LOAD,
        {"consumer": consumer, "topics": [k[0] for k in wanted], "ids": [k[1] for k in wanted]},
    )
    return {
        (row.topic, row.aggregate_id): GateState(row.epoch, row.version, row.parked, row.position)
        for row in rows
    }


async def store(session: AsyncSession, consumer: str, states: Mapping[Key, GateState]) -> None:
    """Keep what is known now."""
    if not states:
        return
    items = sorted(states.items())
    await session.execute(
        _STORE,
        {
            "consumer": consumer,
            "topics": [key[0] for key, _ in items],
            "ids": [key[1] for key, _ in items],
            "epochs": [state.epoch for _, state in items],
            "versions": [state.version for _, state in items],
            "parked": [state.parked for _, state in items],
            "positions": [state.position for _, state in items],
        },
    )


async def beyond(session: AsyncSession, consumer: str, *, limit: int = 100) -> list[tuple[Key, GateState]]:
    """Keys that this consumer knows from beyond the position that their producer was restored to.

    They stand in the list until the new epoch names them.
    """
    rows = await session.execute(_BEYOND, {"consumer": consumer, "limit": limit})
    return [
        ((row.topic, row.aggregate_id), GateState(row.epoch, row.version, position=row.position))
        for row in rows
    ]
