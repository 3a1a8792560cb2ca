"""What must hold of the four databases once every message has arrived, whatever was asked before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.fsm import Machine
from services.disputes.disputes.domain import LIFE as DISPUTE
from services.grid.calendars import service as calendars
from services.grid.cases.domain import clock_of, deadline
from services.grid.cases.models import Case
from services.grid.lifecycle.domain import LIFE as CASE
from services.targets.plans.domain import LIFE as PLAN
from services.tasks.supervisions.domain import LIFE as SUPERVISION
from services.tasks.tasks.domain import LIFE as TASK
from tests.flows.world import World
from tests.fuzz.stage import TABLES

MACHINES: Mapping[str, Machine[Any, Any]] = {
    "cases": CASE,
    "tasks": TASK,
    "disputes": DISPUTE,
    "supervisions": SUPERVISION,
    "plans": PLAN,
}
BOTH = "state, due_at, designated, suspended_at, extensions, urges, reworks, on_time, ended_at"
"""What both sides of a handover must hold alike."""


async def broken(world: World) -> list[str]:
    """The invariants that do not hold."""
    found: list[str] = []
    for name, side in world.sides.items():
        found += [f"{name}: {fault}" for fault in await side.database.read(_of_events)]
    for noun, (service, table) in TABLES.items():
        found += await _of_life(world.sides[service].database, noun, table)
    found += await _of_handovers(world)
    found += await world.sides["grid"].database.read(_of_cases)
    return found


async def _of_events(session: AsyncSession) -> list[str]:
    """One event per version, none lost; nothing parked; one history row per version."""
    gaps = text(
        """SELECT topic, aggregate_id, count(*) AS events, max(version) AS last FROM event_log
        WHERE NOT restatement GROUP BY topic, aggregate_id
        HAVING count(*) <> max(version) OR count(DISTINCT version) <> count(*)"""
    )
    parked = text("SELECT topic, aggregate_id, reason, problem FROM parked_message")
    found = [
        f"versions of {row.topic} {row.aggregate_id}: {row.events} of {row.last}"
        for row in await session.execute(gaps)
    ]
    found += [f"parked: {row}" for row in await session.execute(parked)]
    if await session.scalar(text("SELECT count(*) FROM outbox")):
        found.append("the outbox is not empty")
    return found


async def _of_life(database: Database, noun: str, table: str) -> list[str]:
    """The chain of states has no break, and nothing leaves a final state."""
    machine = MACHINES[noun]
    query = text(
        f"""SELECT aggregate_id, version, action, from_state, to_state FROM history
        WHERE aggregate_id IN (SELECT id FROM {table}) ORDER BY aggregate_id, version"""
    )
    states = text(f"SELECT id, state, version FROM {table}")
    rows = (await database.read(lambda session: session.execute(query))).all()
    finals = {state.value for state in machine.finals}
    last: dict[Any, Any] = {}
    found = []
    for row in rows:
        before = last.get(row.aggregate_id)
        if before is not None and before.to_state in finals and row.to_state != before.to_state:
            found.append(f"{noun} {row.aggregate_id}: {row.action} left {before.to_state}")
        if before is not None and row.from_state is not None and before.to_state != row.from_state:
            found.append(f"{noun} {row.aggregate_id}: {before.to_state} became {row.from_state} unseen")
        last[row.aggregate_id] = row
    for row in await database.read(lambda session: session.execute(states)):
        told = last[row.id]
        if (told.version, told.to_state) != (row.version, row.state):
            found.append(f"{noun} {row.id}: {row.state} v{row.version}, history says {told}")
    return found


async def _of_handovers(world: World) -> list[str]:
    """Both sides of every handover hold the same."""
    sent: dict[Any, Any] = {}
    got: dict[Any, Any] = {}
    for side in world.sides.values():
        for table, into in (("outgoing_handover", sent), ("incoming_handover", got)):
            into.update(await side.database.read(partial(_standings, table=table)))
    found = [
        f"handover differs: {row} and {got.get(id_)}" for id_, row in sent.items() if got.get(id_) != row
    ]
    return found + [f"handover that nobody sent: {id_}" for id_ in got.keys() - sent.keys()]


async def _standings(session: AsyncSession, table: str) -> dict[Any, Any]:
    rows = await session.execute(text(f"SELECT id, {BOTH} FROM {table}"))
    return {row.id: tuple(row) for row in rows}


async def _of_cases(session: AsyncSession) -> list[str]:
    """Nobody has checked their own case; the deadline follows from the clock alone, rework or not."""
    own = text(
        """SELECT aggregate_id, actor FROM history JOIN grid_case ON grid_case.id = aggregate_id
        WHERE action IN ('pass-check', 'fail-check') AND actor = ANY(handlers)"""
    )
    found = [
        f"case {row.aggregate_id} was checked by its handler {row.actor}"
        for row in await session.execute(own)
    ]
    found += await _of_appeals(session)
    calendar = await calendars.calendar(session)
    for case in await session.scalars(select(Case).where(Case.due_at.is_not(None))):
        clock = clock_of(case)
        if clock is not None and deadline(clock, calendar) != case.due_at:
            found.append(
                f"case {case.id} {case.state}: due {case.due_at}, its clock says {deadline(clock, calendar)}"
            )
    return found


async def _of_appeals(session: AsyncSession) -> list[str]:
    """Two people decide; nothing is excused without its mark; a chain of merges has an end."""
    wrong = text(
        """SELECT 'appeal' AS what, case_id AS id FROM appeal WHERE decided_by = asked_by
        UNION ALL SELECT 'excuse', c.id FROM grid_case AS c WHERE excused_mark = overdue_at
            AND NOT EXISTS (SELECT FROM appeal AS a
                WHERE a.case_id = c.id AND a.overdue_at = c.overdue_at AND a.state = 'excused')
        UNION ALL SELECT 'rating', case_id FROM rating JOIN grid_case AS c ON c.id = case_id
            WHERE c.state = 'merged' OR rating.round > c.round
        UNION ALL SELECT 'merge', c.id FROM grid_case AS c
            WHERE (c.state = 'merged') <> (merged_into IS NOT NULL) OR merged_into = c.id"""
    )
    return [f"{row.what} of case {row.id}" for row in await session.execute(wrong)]
