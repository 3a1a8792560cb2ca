"""The arena 演练场: a fleet, the proxies before it, the load on it, and what was told and spoilt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import httpx
from aiokafka import AIOKafkaProducer

from libs.common.embedded.platform import BusKind
from tests.chaos.callers import Callers
from tests.chaos.checker import Evidence, Finding, check
from tests.chaos.evidence import Spoilt, collect_bus, settled
from tests.chaos.figures import say
from tests.chaos.fleet import Fleet
from tests.chaos.journeys import Mix
from tests.chaos.ledger import Ledger, accounts
from tests.chaos.load import Load
from tests.chaos.proxy import Proxy
from tests.chaos.sizes import Sizes

TIMEOUT = 15.0
HANDOVERS = "jiayuan.grid.handover-tasks.v1"
_SPOIL = """INSERT INTO outbox (event_id, topic, aggregate_type, aggregate_id, version, type, payload, salt,
    actor, restatement)
SELECT gen_random_uuid(), '{topic}', 'handover', '{aggregate}'::uuid, version,
    'cn.jiayuan.grid.handover-tasks.requested.v1', '{{"no": "such thing"}}', '\\x00'::bytea,
    'system:chaos', false
FROM generate_series(1, 2) AS version"""


@dataclass
class Arena:
    """One platform under load."""

    fleet: Fleet
    proxies: dict[str, Proxy]
    load: Load
    book: Path
    sizes: Sizes
    seed: int
    started: float
    mix: Mix
    poisoned: set[UUID] = field(default_factory=set)
    junk: int = 0
    crashed: int = 0
    """Crash points that a worker has come to, and ended at."""

    @property
    def bus(self) -> BusKind:
        """The bus that the platform runs on."""
        return self.fleet.bus

    async def spoil(self) -> None:
        """Two events of a handover that no reader can apply; on Kafka bytes that are no event, too."""
        aggregate = uuid4()
        self.poisoned.add(aggregate)
        sql = _SPOIL.format(topic=HANDOVERS, aggregate=aggregate)
        await asyncio.to_thread(self.fleet.postgres.run_sql, sql, "grid")
        if self.bus == "kafka":
            producer = AIOKafkaProducer(**self.fleet.kafka.admin_options(), acks="all")
            async with producer:
                await producer.send_and_wait(HANDOVERS, b"\x00 no event", key=aggregate.bytes)
            self.junk += 1

    async def gathered(self) -> Evidence:
        """What the platform holds once every event has arrived, the bus included."""
        spoilt = Spoilt(frozenset(self.poisoned), self.junk)
        evidence = await asyncio.to_thread(settled, self.fleet.postgres, self.sizes.settle_seconds, spoilt)
        if self.bus == "kafka":
            evidence.bus = await collect_bus(self.fleet.kafka.admin_options())
        return evidence

    async def findings(self) -> list[Finding]:
        """Everything that is wrong, once all is quiet."""
        began = time.monotonic()
        evidence = await self.gathered()
        say(f"  quiet after {time.monotonic() - began:.1f} s; comparing")
        found = check(accounts(self.book), evidence)
        for one in found[:20]:
            say(f"  ✗ {one.kind}: {one.what}")
        return found


@asynccontextmanager
async def arena(fleet: Fleet, sizes: Sizes, seed: int) -> AsyncIterator[Arena]:
    """Start the fleet and everything around it."""
    random = Random(seed)
    book = fleet.root / "ledger"
    say(f"{fleet.bus}: starting, SEED={seed}")
    proxies = {service: Proxy(port, random) for service, port in fleet.ports.items()}
    try:
        started = await fleet.start()
        urls = {service: await proxy.start() for service, proxy in proxies.items()}
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            with Ledger(book) as ledger:
                load = Load(client, urls, ledger, Callers(fleet.root / "keys"), random)
                mix = await Mix.prepare(load)
                say(f"{fleet.bus}: started in {started:.1f} s, {len(mix.reports)} reports are owed")
                yield Arena(fleet, proxies, load, book, sizes, seed, started, mix)
    finally:
        for proxy in proxies.values():
            await proxy.close()
        await fleet.close()
