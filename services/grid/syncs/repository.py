"""The statements of the delta: what is an inspector's, and which of it the log tells of since a position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CaseReported
from libs.common.events.statements import statement
from libs.common.policy import Principal
from services.grid.cases.service import OFFERED

TOPIC = CaseReported.topic.name

_INSIDE = "EXISTS (SELECT 1 FROM unnest(CAST(:areas AS text[])) AS a(prefix) WHERE starts_with(area, prefix))"
_MINE = f"""({_INSIDE} AND (reported_by = :me OR checker = :me OR (handler = :me AND ended_at IS NULL)
    OR ({OFFERED})))"""
# Every case that was the caller's, or was offered where they work: what they do not hold they ignore.
_CHANGED = statement(
    """WITH told AS (
        SELECT aggregate_id, max(position) AS position FROM event_log
        WHERE topic = :topic AND position > :after AND position <= :until
        GROUP BY aggregate_id
    )
    SELECT told.position, c.id, {mine} AS mine FROM told JOIN grid_case c ON c.id = told.aggregate_id
    WHERE {mine} OR reported_by = :me OR :me = ANY(handlers) OR EXISTS (
        SELECT 1 FROM history h WHERE h.aggregate_id = c.id AND (h.changed->>'inspector' = :me
            OR h.changed->>'handler' = :me OR (h.changed->>'squad' IS NOT NULL AND {inside})))
    ORDER BY told.position LIMIT :limit""",
    mine=_MINE,
    inside=_INSIDE,
)
_LISTED = statement(
    """SELECT id FROM (
        SELECT id, area FROM grid_case WHERE reported_by = :me AND ended_at IS NULL AND id > :behind
        UNION SELECT id, area FROM grid_case WHERE handler = :me AND ended_at IS NULL AND id > :behind
        UNION SELECT id, area FROM grid_case WHERE checker = :me AND id > :behind
        UNION SELECT id, area FROM unnest(CAST(:areas AS text[])) AS a(prefix)
            JOIN grid_case ON area >= prefix AND area < prefix || ':' AND {offered} AND id > :behind
    ) AS mine WHERE {inside} ORDER BY id LIMIT :limit""",
    offered=OFFERED,
    inside=_INSIDE,
)


async def changed(
    session: AsyncSession, viewer: Principal, between: tuple[int, int], limit: int
) -> Sequence[Any]:
    """Rows (position, id, mine) of what concerns the viewer, behind the first position up to the second."""
    after, until = between
    asked = {"topic": TOPIC, "after": after, "until": until, "limit": limit}
    return (await session.execute(_CHANGED, asked | _of(viewer))).all()


async def listed(session: AsyncSession, viewer: Principal, behind: UUID, limit: int) -> Sequence[UUID]:
    """The open cases that are the viewer's, in order of id."""
    asked = {"behind": behind, "limit": limit} | _of(viewer)
    return (await session.scalars(_LISTED, asked)).all()


def _of(viewer: Principal) -> dict[str, Any]:
    return {"me": viewer.subject, "areas": list(viewer.areas)}
