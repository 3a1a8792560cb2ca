"""A service is restored from its backup while the others have gone on: the rehearsal of what operators do.

What the readers know already comes again and is dropped; what the restored service says anew under versions
that were used before is put aside and listed, and nothing of it is applied.
"""

from __future__ import annotations

import asyncio
import io
import time
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from rich.console import Console
from sqlalchemy.engine import make_url

from libs.common.embedded.backup import back_up, restore
from libs.common.embedded.place import Place
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.screen import Screen
from libs.common.events import gates, park
from libs.common.events.audit import verify
from libs.common.events.bus import Restored
from libs.common.events.republish import republish
from libs.common.ids import new_id
from libs.common.policy import system_actor
from tests.flows.story import Story, ok
from tests.flows.world import World

CHANNEL = "jiayuan.grid.handover-tasks.v1"
REPLIES = "jiayuan.tasks.handover-grid.v1"
PATIENCE = 30.0
_ENDED = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'"


class Rehearsal:
    """A story of which some services are backed up and restored."""

    def __init__(self, world: World, postgres: Postgres, folder: Path, *services: str) -> None:
        self.world = world
        self.postgres = postgres
        self.folder = folder
        self.story = Story(world)
        self.progress = Screen(Console(file=io.StringIO()))
        self.place = Place({service: world.sides[service].database.url for service in services})

    async def back_up(self) -> None:
        """While everything goes on."""
        await back_up(self.folder, self.place, now=self.world.clock.now, progress=self.progress)

    async def restore(self) -> list[Restored]:
        """Stop the services and their readers, restore, begin the new epochs, start again."""
        for url in self.place.urls.values():
            await asyncio.to_thread(self.postgres.run_sql, _ENDED.format(make_url(url).database))
        for side in self.world.sides.values():
            await side.consumer.close()
        begun = await restore(
            self.folder,
            self.place,
            replace=True,
            by=system_actor("grid"),
            now=self.world.clock.now,
            progress=self.progress,
        )
        await self.world.carrier.open([side.service for side in self.world.sides.values()])
        return begun

    async def report(self) -> UUID:
        """A case of its own, dispatched; the unit has its task."""
        self.story.case_id = new_id()
        await self.story.dispatch()
        return self.story.case_id

    async def parked(self, service: str) -> list[tuple[str, int | None, str]]:
        """What `jiayuan parked` lists: topic, version, reason."""
        found = await self.world.sides[service].database.read(partial(park.list_parked, consumer=service))
        return [(row.topic, row.version, row.reason) for row in found]

    async def beyond(self, service: str) -> list[tuple[str, int]]:
        """The keys that it knows from beyond the restore: topic, version."""
        found = await self.world.sides[service].database.read(partial(gates.beyond, consumer=service))
        return sorted((topic, state.version) for (topic, _), state in found)

    async def await_parked(self, service: str, *expected: tuple[str, int | None, str]) -> None:
        """Wait until exactly this is parked: a bus may be slow to tell."""
        deadline = time.monotonic() + PATIENCE
        while (found := await self.parked(service)) != list(expected):
            assert time.monotonic() < deadline, f"parked is {found}"
            await self.world.settle()

    async def republish(self, service: str, noun: str) -> None:
        """What the operator does about it."""
        side = self.world.sides[service]
        await republish(side.database, side.service, noun)
        await self.world.settle()


async def begun(world: World, postgres: Postgres, folder: Path, *services: str) -> Rehearsal:
    """One case is with its unit; then the backup of these services is made."""
    made = Rehearsal(world, postgres, folder, *services)
    await made.story.settle_units()
    await made.report()
    await made.back_up()
    return made


@pytest.fixture
async def rehearsal(world: World, postgres: Postgres, tmp_path: Path) -> Rehearsal:
    """Grid will be restored, and nobody else."""
    return await begun(world, postgres, tmp_path / "backup", "grid")


async def test_what_came_before_the_backup_is_not_done_twice(rehearsal: Rehearsal) -> None:
    story, world = rehearsal.story, rehearsal.world
    await story.work("sign")
    await rehearsal.restore()
    assert (await story.case())["state"] == "dispatched"
    await world.settle()
    # Grid has read again what it had lost; the unit's side has found nothing new.
    assert (await story.case())["state"] == "handling"
    for service in world.sides:
        assert await rehearsal.parked(service) == []
    assert await rehearsal.beyond("tasks") == []
    await story.answer()
    assert (await story.case())["state"] == "checking"
    assert (await world.sides["grid"].database.read(verify)).intact


async def test_what_diverged_is_listed_and_not_applied(rehearsal: Rehearsal) -> None:
    story, world = rehearsal.story, rehearsal.world
    kept = story.case_id
    await story.step(story.dispatcher, "supplement", text="居民称又新增一处")
    await world.settle()
    await rehearsal.report()
    lost = story.case_id
    await story.work("sign")
    (life,) = await rehearsal.restore()
    await world.settle()
    assert life.producer == "grid"
    assert await rehearsal.beyond("tasks") == [(CHANNEL, 1), (CHANNEL, 2)]
    assert await rehearsal.parked("tasks") == []
    # The unit's word on a case that grid has never heard of.
    await rehearsal.await_parked("grid", (REPLIES, 1, "invariant"))
    assert (await story.dispatcher.get(f"/grid/v1/cases/{lost}")).status == 404

    # Grid goes another way under the version that was a supplement before.
    story.case_id = kept
    await story.step(story.dispatcher, "urge", note="居民再次来电")
    await rehearsal.await_parked("tasks", (CHANNEL, 2, "diverged"))
    assert (await story.task())["urges"] == 0

    # New work is not held up.
    await rehearsal.report()
    await story.work("sign")
    assert (await story.case())["state"] == "handling"
    assert await rehearsal.beyond("tasks") == [(CHANNEL, 1), (CHANNEL, 2)]

    await rehearsal.republish("grid", "outgoing-handover")
    await rehearsal.await_parked("tasks")
    assert await rehearsal.beyond("tasks") == [(CHANNEL, 1)], "the case that grid has lost"
    story.case_id = kept
    assert (await story.task())["urges"] == 1
    await story.work("sign")
    assert (await story.case())["state"] == "handling"

    # The unit's side gives grid back what it knows of the lost case.
    await rehearsal.republish("tasks", "incoming-handover")
    await rehearsal.await_parked("grid")


async def test_a_lost_report_is_sent_again_under_its_id(rehearsal: Rehearsal) -> None:
    story, world = rehearsal.story, rehearsal.world
    await rehearsal.report()
    await rehearsal.restore()
    await world.settle()
    assert (await story.inspector.get(story.path)).status == 404
    await story.dispatch()
    await story.work("sign")
    assert (await story.case())["state"] == "handling"
    assert ok(await story.inspector.get(story.path))["id"] == str(story.case_id)


@pytest.mark.parametrize("world", ["local"], indirect=True)
async def test_a_platform_restored_as_a_whole_goes_on_as_if_nothing_had_been(
    world: World, postgres: Postgres, tmp_path: Path
) -> None:
    rehearsal = await begun(world, postgres, tmp_path / "backup", *world.sides)
    story = rehearsal.story
    kept = story.case_id
    await story.work("sign")
    await rehearsal.report()
    lost = story.case_id
    assert len(await rehearsal.restore()) == len(world.sides)
    await world.settle()
    for service in world.sides:
        assert await rehearsal.parked(service) == []
        assert await rehearsal.beyond(service) == []
    assert (await story.dispatcher.get(f"/grid/v1/cases/{lost}")).status == 404
    story.case_id = kept
    assert (await story.case())["state"] == "dispatched"
    await story.work("sign")
    assert (await story.case())["state"] == "handling"
