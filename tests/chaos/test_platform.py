"""A whole platform in processes of its own: killed under load, without its broker, asked again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.chaos.arena import Arena
from tests.chaos.conftest import Note, fleet
from tests.chaos.figures import keep, quantile
from tests.chaos.kills import KILLS, kills
from tests.chaos.ledger import accounts
from tests.chaos.outage import outage
from tests.chaos.peers import peers
from tests.chaos.repeats import repeats
from tests.chaos.sizes import sizes
from tests.support.servers import Run

KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)
BOTH = ("local", KAFKA)
FULL = sizes().full
pytestmark = pytest.mark.timeout(6 * 3600 if FULL else 1800)


@pytest.fixture(scope="module")
async def arena(request: pytest.FixtureRequest, run: Run, prepared: Path) -> AsyncIterator[Arena]:
    """A platform on this bus, for all tests of it; in full runs Kafka has three brokers."""
    bus = request.param
    async with fleet(run, prepared, bus, 3 if FULL and bus == "kafka" else 1) as made:
        yield made


@pytest.mark.parametrize("arena", BOTH, indirect=True)
async def test_kills_lose_nothing_that_was_acknowledged(arena: Arena, note: Note) -> None:
    took, recovered = await kills(arena)
    found = await arena.findings()
    back = [seconds for fault in KILLS for seconds in recovered[fault]]
    told = accounts(arena.book)
    line = keep(
        f"kills-{arena.bus}",
        seed=arena.seed,
        brokers=arena.fleet.brokers if arena.bus == "kafka" else 0,
        start_s=arena.started,
        writes=arena.load.acknowledged,
        seconds=took,
        unknown_answers=sum(account.unknown for account in told.values()),
        crashed=arena.crashed,
        faults={str(fault): len(seconds) for fault, seconds in recovered.items()},
        findings=dict(Counter(str(one.kind) for one in found)),
        recovery_p95_s=quantile(back, 0.95),
        recovery_s={str(fault): sorted(seconds) for fault, seconds in recovered.items() if fault in KILLS},
    )
    note("figures", line)
    assert found == []
    assert arena.load.acknowledged >= arena.sizes.writes
    assert arena.crashed == arena.sizes.crashes


@pytest.mark.parametrize("arena", [KAFKA], indirect=True)
async def test_outage_of_the_broker_is_not_felt(arena: Arena, note: Note) -> None:
    told = await outage(arena)
    found = await arena.findings()
    figures = {**asdict(told), "success": told.success, "p99_ratio": told.p99_ratio, "findings": len(found)}
    note("figures", keep("outage", seed=arena.seed, **figures))
    assert found == []
    assert told.success == 1
    assert told.backlog > 0


@pytest.mark.parametrize("arena", BOTH if FULL else ["local"], indirect=True)
async def test_repeats_have_one_effect_and_one_answer(arena: Arena, note: Note) -> None:
    told = await repeats(arena)
    found = await arena.findings()
    cuts = sum(proxy.cuts for proxy in arena.proxies.values())
    figures = {**asdict(told), "cuts": cuts, "findings": len(found)}
    note("figures", keep(f"repeats-{arena.bus}", seed=arena.seed, **figures))
    assert found == []
    assert told.unlike == 0
    assert told.lost > 0


@pytest.mark.parametrize("arena", BOTH if FULL else ["local"], indirect=True)
async def test_peers_faults_do_not_happen_here(arena: Arena, note: Note) -> None:
    told = await peers(arena)
    found = await arena.findings()
    note("figures", keep(f"peers-{arena.bus}", seed=arena.seed, **asdict(told), findings=len(found)))
    assert found == []
    wrong = (told.same_body_more_than_one, told.two_people_both, told.two_people_none, told.next_step_refused)
    assert wrong == (0, 0, 0, 0)
    assert told.refusing_accepted == 0
    assert set(told.refusing_statuses) == {"503"}
