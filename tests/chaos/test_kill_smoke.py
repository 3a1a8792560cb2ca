"""Killed under load, on each bus: nothing acknowledged is lost, done twice, torn or out of order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random

import httpx
import pytest

from libs.common.embedded.platform import BusKind
from services.cli import DEMO_UNIT
from tests.chaos import faults
from tests.chaos.checker import Evidence, check
from tests.chaos.conftest import Note
from tests.chaos.evidence import collect_bus, settled
from tests.chaos.faults import Fault, Victim
from tests.chaos.ledger import Ledger, accounts
from tests.chaos.load import Load, journeys
from tests.chaos.platform import PlatformDown, Running

WRITES, LATE_REPEATS = 1000, 50
KILLS: Mapping[BusKind, Mapping[Victim, int]] = {
    "local": {Victim.PLATFORM: 3, Victim.DATABASE: 3},
    "kafka": {Victim.PLATFORM: 3, Victim.DATABASE: 3, Victim.BROKER: 1},
}
SETTLE_SECONDS = 60.0
RECOVERY_SECONDS = 120.0


async def gathered(platform: Running) -> Evidence:
    """What the platform holds once every event has arrived, the bus included."""
    evidence = await asyncio.to_thread(settled, platform.postgres, SETTLE_SECONDS)
    if platform.bus == "kafka":
        evidence.bus = await collect_bus(platform.kafka.admin_options())
    return evidence


async def strike(platform: Running, load: Load, fault: Fault) -> str:
    """One kill, and the wait until a write is acknowledged again; answers what it was and how long."""
    while load.acknowledged < fault.after:
        platform.require_alive()
        await asyncio.sleep(0.01)
    await asyncio.sleep(fault.pause)
    kill = {
        Victim.PLATFORM: platform.kill,
        Victim.DATABASE: platform.kill_postgres,
        Victim.BROKER: platform.kill_broker,
    }[fault.victim]
    await asyncio.to_thread(kill)
    if fault.victim is Victim.PLATFORM:
        platform.start()
    try:
        async with asyncio.timeout(RECOVERY_SECONDS):
            return f"{fault.victim} {await load.first_acknowledgement():.1f} s"
    except TimeoutError:
        raise PlatformDown(f"no acknowledgement after {fault}:\n{platform.said()}") from None


async def strike_all(platform: Running, load: Load, plan: list[Fault]) -> list[str]:
    """Every fault in turn."""
    return [await strike(platform, load, fault) for fault in plan]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("bus", ["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def test_nothing_acknowledged_is_lost(
    platform: Running, bus: BusKind, tmp_path: Path, note: Note
) -> None:
    seed = faults.seed()
    random = Random(seed)
    note("figures", f"chaos {bus}: SEED={seed}")
    platform.start()
    started = await asyncio.to_thread(platform.await_answer)
    book = tmp_path / "ledger"
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=platform.url, timeout=15) as client:
        with Ledger(book) as ledger:
            load = Load(client, ledger, platform.tokens(), DEMO_UNIT, random)
            plan = faults.plan(random, KILLS[bus], writes=WRITES)
            async with asyncio.TaskGroup() as group:
                group.create_task(load.run(journeys(random, WRITES)))
                striking = group.create_task(strike_all(platform, load, plan))
            took = time.monotonic() - began
            await load.repeat(LATE_REPEATS)

    told, evidence = accounts(book), await gathered(platform)

    assert check(told, evidence) == []
    assert load.acknowledged == WRITES
    assert await asyncio.to_thread(platform.stop, signal.SIGTERM) == 0, platform.said()
    assert platform.servers() == []
    unknown = sum(account.unknown for account in told.values())
    note(
        "figures",
        f"chaos {bus}: start {started:.1f} s, {WRITES} writes in {took:.1f} s,"
        f" {unknown} unknown answers, first acknowledgement after kill -9: {', '.join(striking.result())}",
    )
