"""The stage of the life cycles: four services over a local bus, everybody in them, and what they may ask."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.events.sequencer import sequence
from libs.common.http.app import combine
from libs.common.http.dev_tokens import DemoScope
from libs.common.ids import new_id
from libs.common.jobs import run_once
from libs.common.policy import GRANTS, Role
from tests.flows.buses import Local
from tests.flows.conftest import names_of, own_databases
from tests.flows.story import CLUTTER, DISTRICT, NEIGHBOURHOOD, TOWN, Story, ok, upload_photo
from tests.flows.world import Answer, Person, World
from tests.fuzz.bodies import Composer
from tests.support.databases import Databases

TABLES: Mapping[str, tuple[str, str]] = {
    "cases": ("grid", "grid_case"),
    "tasks": ("tasks", "task"),
    "disputes": ("disputes", "dispute"),
    "supervisions": ("tasks", "supervision"),
    "plans": ("targets", "plan"),
}
"""Things with a life cycle: the noun of the path, and where they are."""


@dataclass(frozen=True)
class Step:
    """One operation on a thing: `POST /<service>/v1/<noun>/{id}/<verb>`."""

    noun: str
    verb: str
    path: str
    operation: Mapping[str, Any]

    @property
    def needs_version(self) -> bool:
        """Whether it asks for the version that was read."""
        return any(one["name"] == "If-Match" for one in self.operation.get("parameters", ()))

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may take it."""
        held = (GRANTS[name] for name in self.operation["x-permission"])
        return frozenset(str(role) for each in held for role in each)


@dataclass(frozen=True)
class Thing:
    """A thing as its row says."""

    noun: str
    id: UUID
    version: int
    state: str


@dataclass
class Stage:
    """The world with its people; everything that a machine does, it does through here."""

    world: World
    story: Story
    composer: Composer
    people: dict[str, list[Person]] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)

    @classmethod
    async def open(cls, databases: Databases, folder: Path, stack: AsyncExitStack) -> Stage:
        """Databases of their own, units that everybody knows, photos that may be named."""
        opened = await own_databases(databases, "lives", stack)
        world = await World.open(opened, Local(databases.postgres, names_of(opened), stack), folder, stack)
        story = Story(world)
        await story.settle_units()
        document = combine(world_apps(world)).openapi()
        made = cls(world, story, Composer(document, random.Random(0), {}))
        await made._gather(document)
        return made

    async def _gather(self, document: Mapping[str, Any]) -> None:
        story = self.story
        bodies = ok(await story.administrator.get("/disputes/v1/bodies", area=TOWN))["items"]
        body_of = {body["tier"]: UUID(body["id"]) for body in bodies}
        self._meet(story.inspector, story.checker, story.acceptor, story.duty_chief, story.dispatcher)
        self._meet(story.clerk, story.leader, self.world.person(Role.HOTLINE_OFFICER, DISTRICT))
        self._meet(self.world.person(Role.UNIT_CLERK, TOWN, unit_id=story.other_unit_id, subject="clerk-2"))
        self._meet(
            self.world.person(Role.SUPERVISION_OFFICE, DISTRICT), self.world.person(Role.LEADER, DISTRICT)
        )
        self._meet(self.world.person(Role.DUTY_CHIEF, DISTRICT, subject="chief-2"))
        self._meet(self.world.person(Role.TARGET_OFFICER, DISTRICT))
        for role, area in (
            (Role.MEDIATOR, NEIGHBOURHOOD),
            (Role.CENTRE_COORDINATOR, TOWN),
            (Role.DISTRICT_MEDIATION, DISTRICT),
        ):
            tier = {Role.MEDIATOR: "neighbourhood", Role.CENTRE_COORDINATOR: "township"}.get(role, "district")
            scope = DemoScope(f"演示{role}", (area,), body_id=body_of.get(tier), subject=f"demo:{role}")
            self._meet(Person(self.world, role, scope))
        self._learn(document)
        await self._photos()

    def _meet(self, *people: Person) -> None:
        for person in people:
            self.people.setdefault(str(person.role), []).append(person)

    def _learn(self, document: Mapping[str, Any]) -> None:
        for path, item in document["paths"].items():
            _, _, _, noun, *rest = path.split("/")
            if noun in TABLES and len(rest) == 2 and rest[0].startswith("{") and "post" in item:
                self.steps.setdefault(noun, []).append(Step(noun, rest[1], path, item["post"]))
        story = self.story
        units = [str(story.unit_id), str(story.other_unit_id)]
        inspectors = [story.inspector.subject, story.checker.subject]
        self.composer.known.update(
            {"unit_id": units, "inspector": inspectors, "category": [CLUTTER], "standard": ["found"]}
        )
        self.composer.known.update({"area": [NEIGHBOURHOOD], "assignee": [None, story.clerk.subject]})

    async def _photos(self) -> None:
        """The same photo everywhere, uploaded by everybody who may show one."""
        for people in self.people.values():
            for person in people:
                for service in ("grid", "tasks", "disputes"):
                    try:
                        name = await upload_photo(person, service, 1)
                    except AssertionError:
                        continue
                    self.composer.known["photos"] = [[name]]

    # -- what a machine does

    async def report(self, luck: random.Random) -> None:
        """An inspector or the hotline reports a case."""
        person = luck.choice([self.story.inspector, self.people["hotline_officer"][0]])
        body = {
            "channel": "inspector" if person is self.story.inspector else "12345",
            "category": CLUTTER,
            "description": "3号楼2层楼道堆放纸箱",
            "found_at": self.world.clock.now.isoformat(),
            "place": {"area": NEIGHBOURHOOD, "address": "武宁路100弄3号2层楼道"},
            "reporter": {"name": "张三", "phone": "13812341234", "consent": True},
            "photos": self.composer.known["photos"][0],
        }
        if person is not self.story.inspector:
            body["source_number"] = f"YS{new_id().hex}"
        ok(await person.put(f"/grid/v1/cases/{new_id()}", body), 201)

    async def things(self, noun: str) -> list[Thing]:
        """The newest things of a noun, as their rows say."""
        service, table = TABLES[noun]
        query = text(f"SELECT id, version, state FROM {table} ORDER BY id DESC LIMIT 4")
        rows = await self.world.sides[service].database.read(lambda session: session.execute(query))
        return [Thing(noun, row.id, row.version, row.state) for row in rows]

    async def thing(self, thing: Thing) -> Thing:
        """The same thing now."""
        service, table = TABLES[thing.noun]
        query = text(f"SELECT id, version, state FROM {table} WHERE id = :id").bindparams(id=thing.id)
        rows = await self.world.sides[service].database.read(lambda session: session.execute(query))
        row = rows.one()
        return Thing(thing.noun, row.id, row.version, row.state)

    async def ask(self, thing: Thing, step: Step, person: Person, luck: random.Random) -> Answer:
        """Ask for a step on the thing's present version, with a body by luck."""
        body = self.composer.with_luck(luck).body(step.operation, self.world.clock.now)
        path = step.path.replace(f"{{{step.path.partition('{')[2].partition('}')[0]}}}", str(thing.id))
        return await person.post(path, body, version=thing.version if step.needs_version else None)

    async def carry(self, service: str) -> None:
        """Let one service's news be numbered."""
        await self.world.sides[service].database.transact(sequence)

    async def hear(self, service: str, limit: int) -> None:
        """Let one service hear some of what the others have numbered."""
        await self.world.sides[service].consumer.step(limit=limit, wait=0.0)

    async def restart(self, service: str) -> None:
        """The reader of one service goes away and comes back: it goes on where its database says."""
        await self.world.sides[service].consumer.close()

    async def cut_off(self, service: str, after: float) -> None:
        """The reader of one service ends in the middle of its work: before, while or after it is stored."""
        work = asyncio.create_task(self.world.sides[service].consumer.step(wait=0.0))
        await asyncio.wait([work], timeout=after)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await self.restart(service)

    async def pass_time(self, minutes: int) -> None:
        """The clock moves on, and every sweep runs once."""
        self.world.clock.now += timedelta(minutes=minutes)
        for service, side in self.world.sides.items():
            for job in side.service.jobs:
                await run_once(side.database, service, job, now=self.world.clock.now)


def world_apps(world: World) -> list[Any]:
    """The apps behind the world's client."""
    transport: Any = world.client._transport
    return list(transport.app.apps.values())
