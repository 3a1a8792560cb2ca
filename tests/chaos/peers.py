"""What peers get wrong 同类系统的故障: each fault of their table, in the same run."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from libs.common.policy import Role
from tests.chaos.arena import Arena
from tests.chaos.callers import Caller
from tests.chaos.figures import say
from tests.chaos.fleet import WORKER
from tests.chaos.journeys import case_step, report
from tests.chaos.load import Load, Request, answer_of

REFUSING_SECONDS = 5.0
WORKERS = 8
KNOCK_SECONDS = 0.1
READ_ONLY = "ALTER SYSTEM SET default_transaction_read_only = {}"


@dataclass
class Peers:
    """What came of each: how many cases, and how often it went the peers' way."""

    cases: int
    same_body_more_than_one: int = 0
    two_people_both: int = 0
    two_people_none: int = 0
    next_step_refused: int = 0
    refusing_statuses: dict[str, int] = field(default_factory=dict)
    refusing_accepted: int = 0


async def peers(arena: Arena) -> Peers:
    """Every fault that needs no kill of its own."""
    told = Peers(arena.sizes.people)
    say(f"{arena.bus}: {told.cases} cases through the faults of the peers' table")
    for _ in range(told.cases):
        await _same_body(arena.load, told)
        await _two_people(arena.load, told)
    await _next_step(arena, told)
    await _refusing(arena, told)
    return told


async def _same_body(load: Load, told: Peers) -> None:
    """The same body three times under the same id: one case, one receipt."""
    request = report(load)
    for _ in range(3):
        await load.send(request)
    shown = await load.call(request)
    told.same_body_more_than_one += shown.status_code != httpx.codes.OK


async def _two_people(load: Load, told: Peers) -> None:
    """Two acceptors want the same case at the same moment: one of them has it."""
    first = report(load)
    await load.send(first)
    both = [case_step(first.write.subject, "accept", 1, number) for number in (1, 2)]
    answers = await asyncio.gather(*map(load.call, both))
    took = [pair for pair in zip(both, answers, strict=True) if pair[1].is_success]
    told.two_people_both += len(took) > 1
    told.two_people_none += not took
    for request, answer in took[:1]:
        load.ledger.sent(request.write)
        load.ledger.acknowledged(request.write, answer_of(request, answer))


async def _next_step(arena: Arena, told: Peers) -> None:
    """Every next step at once after the answer, while grid's worker is away: nothing has to arrive first."""
    await asyncio.to_thread(arena.fleet.dismiss, (WORKER, "grid"))
    before = _refusals(arena)
    for _ in range(told.cases):
        first = report(arena.load)
        await arena.load.send(first)
        version = 1
        for action in ("accept", "file", "dispatch"):
            answer = await arena.load.send(case_step(first.write.subject, action, version))
            version = answer["version"] if answer else version
        shown = await arena.load.read(Caller(Role.ACCEPTOR), "grid", first.path)
        told.next_step_refused += shown["state"] != "dispatched"
    told.next_step_refused += _refusals(arena) - before
    arena.fleet.launch((WORKER, "grid"))


def _refusals(arena: Arena) -> int:
    return arena.book.read_bytes().count(b'"mark":"refused"')


async def _refusing(arena: Arena, told: Peers) -> None:
    """The database refuses every write for a while, with a backlog: 503, and nothing is lost."""
    await arena.load.run(arena.mix, writes=4 * told.cases, workers=WORKERS)
    pending: list[Request] = []
    await _read_only(arena, "on")
    try:
        await _knock(arena.load, time.monotonic() + REFUSING_SECONDS, told, pending)
    finally:
        await _read_only(arena, "off")
    for request in pending:
        await arena.load.send(request)


async def _knock(load: Load, stop_at: float, told: Peers, pending: list[Request]) -> None:
    """New reports until then, each sent once; what was not taken is `pending`."""
    statuses: Counter[int] = Counter()

    async def knock() -> None:
        while time.monotonic() < stop_at:
            request = report(load)
            load.ledger.sent(request.write)
            response = await load.call(request)
            statuses[response.status_code] += 1
            if response.is_success:
                load.ledger.acknowledged(request.write, answer_of(request, response))
            else:
                load.ledger.unknown(request.write, str(response.status_code))
                pending.append(request)
            await asyncio.sleep(KNOCK_SECONDS)

    async with asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(knock())
    told.refusing_statuses = {str(status): count for status, count in statuses.items()}
    told.refusing_accepted = sum(count for status, count in statuses.items() if status < 300)


async def _read_only(arena: Arena, how: str) -> None:
    """Effective for every session at its next transaction; waits until a session has seen it."""
    postgres = arena.fleet.postgres
    await asyncio.to_thread(postgres.run_sql, READ_ONLY.format(how))
    await asyncio.to_thread(postgres.run_sql, "SELECT pg_reload_conf()")
    await asyncio.sleep(0.2)
