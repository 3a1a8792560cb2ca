"""A small world for stories: the four services with databases, APIs and readers, one clock, one bus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import httpx
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.errands import copy_handed_over
from libs.common.events.bus import Bus
from libs.common.events.consumer import Consumer
from libs.common.events.epochs import epoch_handlers
from libs.common.events.rereading import forget
from libs.common.events.routes import Routes
from libs.common.events.sequencer import sequence
from libs.common.http.app import combine
from libs.common.http.auth import doorkeeper
from libs.common.http.dev_tokens import DemoScope, DevIssuer
from libs.common.http.keys import KeySet, from_file
from libs.common.ids import new_id
from libs.common.jobs import run_once
from libs.common.media import MediaStore
from libs.common.policy import Role
from libs.common.service import Service
from libs.common.settings import Settings
from libs.common.worker import heard
from services.disputes.main import SERVICE as DISPUTES
from services.grid.main import SERVICE as GRID
from services.targets.main import SERVICE as TARGETS
from services.tasks.main import SERVICE as TASKS
from tests.flows.clock import Clock
from tests.support.apps import lent_app

SERVICES = (GRID, TASKS, DISPUTES, TARGETS)

SETTLE_SECONDS = 60.0
_TOLD = text(
    "SELECT topic, aggregate_id, max(version) AS version FROM event_log GROUP BY topic, aggregate_id"
)
_HEARD = text(
    # A key that is parked waits for an operator: nothing more will be heard of it.
    """SELECT topic, aggregate_id, CASE WHEN parked THEN 2147483647 ELSE version END AS version
    FROM version_gate WHERE consumer = :consumer"""
)

Key = tuple[str, UUID]


async def heads(session: AsyncSession, query: TextClause, **values: Any) -> dict[Key, int]:
    """The last version of each key."""
    return {(row.topic, row.aggregate_id): row.version for row in await session.execute(query, values)}


class Carrier(Protocol):
    """A bus between the services of one world."""

    async def open(self, services: Sequence[Service]) -> None:
        """Make it ready for these services."""

    def reader(self, service: Service) -> Bus:
        """The service's reading side."""

    async def publish(self, service: Service, database: Database) -> int:
        """Carry what the service's log holds to the bus; answers how much that was."""


@dataclass
class Side:
    """One service of the world."""

    service: Service
    database: Database
    consumer: Consumer


@dataclass
class Answer:
    """What a call answered."""

    status: int
    body: Any
    version: int | None

    @classmethod
    def of(cls, response: httpx.Response) -> Answer:
        """Read an answer; `version` is its ETag."""
        tag = response.headers.get("etag", "").strip('"')
        return cls(
            response.status_code, response.json() if response.content else None, int(tag) if tag else None
        )


class Person:
    """A caller with a role and a scope, over HTTP through the platform's front."""

    def __init__(self, world: World, role: Role, scope: DemoScope) -> None:
        self.world = world
        self.role = role
        self.scope = scope

    @property
    def subject(self) -> str:
        """Who it is at the identity provider."""
        return self.scope.subject

    async def get(self, path: str, **query: Any) -> Answer:
        """Read."""
        return Answer.of(await self.world.client.get(path, params=query, headers=self._headers()))

    async def put(self, path: str, body: Mapping[str, Any], *, version: int | None = None) -> Answer:
        """Send a record whose id the caller knows; on `version`, if it may be there already."""
        headers = self._headers() | ({} if version is None else {"If-Match": f'"{version}"'})
        return Answer.of(await self.world.client.put(path, json=body, headers=headers))

    async def patch(self, path: str, body: Mapping[str, Any], *, version: int | None) -> Answer:
        """Change a record, on its version."""
        headers = self._headers() | {"If-Match": f'"{version}"'}
        return Answer.of(await self.world.client.patch(path, json=body, headers=headers))

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, version: int | None = None
    ) -> Answer:
        """Take a step, under a fresh key; on `version`, if the step needs one."""
        headers = self._headers() | {"Idempotency-Key": str(new_id())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return Answer.of(await self.world.client.post(path, json=body or {}, headers=headers))

    async def upload(self, path: str, content: bytes) -> None:
        """Upload a photo."""
        headers = self._headers() | {"Content-Type": "image/jpeg"}
        response = await self.world.client.put(path, content=content, headers=headers)
        assert response.status_code in (200, 201), response.text

    async def download(self, path: str) -> str:
        """Fetch a photo; answers its type."""
        response = await self.world.client.get(path, headers=self._headers())
        assert response.status_code == 200, response.text
        return str(response.headers["content-type"])

    def _headers(self) -> dict[str, str]:
        token = self.world.issuer.mint(self.role, self.scope, self.world.clock.now)
        return {"Authorization": f"Bearer {token}"}


class World:
    """The services, their people and the time. `settle` lets every message arrive."""

    def __init__(self, sides: Mapping[str, Side], carrier: Carrier, issuer: DevIssuer, clock: Clock) -> None:
        self.sides = sides
        self.carrier = carrier
        self.issuer = issuer
        self.clock = clock
        self.store = MediaStore.open("memory:///")
        self.client: httpx.AsyncClient

    @classmethod
    async def open(
        cls, databases: Mapping[str, Database], carrier: Carrier, folder: Path, stack: AsyncExitStack
    ) -> World:
        """A world over these empty, migrated databases."""
        settings = Settings(jwks_file=str(folder / "jwks.json"))
        issuer = DevIssuer.open(folder, issuer=settings.issuer, audience=settings.audience)
        await carrier.open(SERVICES)
        sides = {}
        for service in SERVICES:
            database = databases[service.name]
            hears = heard(service, [other.name for other in SERVICES])
            told = epoch_handlers(service.name, frozenset(event.topic.owner for event in hears))
            routes = Routes({**hears, **told})
            consumer = Consumer(service.name, database, carrier.reader(service), routes)
            stack.push_async_callback(consumer.close)
            sides[service.name] = Side(service, database, consumer)
        world = cls(sides, carrier, issuer, Clock())
        keys = KeySet(from_file(folder / "jwks.json"))
        apps = [
            stack.enter_context(
                lent_app(
                    side.service,
                    settings=settings,
                    database=side.database,
                    authenticator=doorkeeper(settings, side.database, keys),
                    clock=world.clock,
                    store=world.store,
                )
            )
            for side in sides.values()
        ]
        transport = httpx.ASGITransport(app=combine(apps))
        world.client = httpx.AsyncClient(transport=transport, base_url="http://jiayuan.test")
        stack.push_async_callback(world.client.aclose)
        return world

    def person(self, role: Role, *areas: str, unit_id: UUID | None = None, subject: str = "") -> Person:
        """Somebody with this role in these areas."""
        scope = DemoScope(f"演示{role}", areas, unit_id=unit_id, subject=subject or f"demo:{role}")
        return Person(self, role, scope)

    async def settle(self) -> None:
        """Let every committed event reach every reader, and what they do in turn, until nothing is left."""
        deadline = time.monotonic() + SETTLE_SECONDS
        moved, behind = 1, frozenset[str]()
        while moved or behind:
            assert time.monotonic() < deadline, f"the world does not settle: {sorted(behind)}"
            carried = await asyncio.gather(*map(self._carry, self.sides.values()))
            behind = await self._behind()
            heard = await asyncio.gather(
                *(
                    side.consumer.step(wait=0.05 if name in behind else 0.0)
                    for name, side in self.sides.items()
                )
            )
            moved = sum(carried) + sum(heard)

    async def _carry(self, side: Side) -> int:
        """Bring what the service has recorded to its log, and the log to the bus."""
        moved = await side.database.transact(partial(sequence, limit=1000))
        return moved + await self.carrier.publish(side.service, side.database)

    async def _behind(self) -> frozenset[str]:
        """The readers that have not yet heard the last version of some key; a bus may be slow to tell."""
        sides = self.sides.values()
        told = await asyncio.gather(*(side.database.read(partial(heads, query=_TOLD)) for side in sides))
        heard = await asyncio.gather(
            *(side.database.read(partial(heads, query=_HEARD, consumer=side.service.name)) for side in sides)
        )
        last = [head for each in told for head in each.items()]
        return frozenset(
            side.service.name
            for side, known in zip(sides, heard, strict=True)
            if self._missing(side, known, last)
        )

    def _missing(self, side: Side, known: Mapping[Key, int], last: Sequence[tuple[Key, int]]) -> bool:
        topics = frozenset(side.consumer.routes.topics)
        return any(topic in topics and known.get((topic, key), 0) < at for (topic, key), at in last)

    async def forget(self, service: str, topics: Sequence[str], tables: Sequence[str]) -> None:
        """Empty a service's projections and have it read these topics from their beginning."""
        side = self.sides[service]
        await side.consumer.close()

        async def work(session: AsyncSession) -> None:
            await forget(session, service, topics)
            for table in tables:
                await session.execute(text(f"DELETE FROM {table}"))

        await side.database.transact(work)

    async def copy_photos(self) -> int:
        """Copy what handovers name under each service's prefix, as the workers would.

        By the machine's time too: it is by that that receivers note when the first try is due.
        """
        now = max(self.clock.now, utc_now())
        return sum(
            [
                await copy_handed_over(side.database, self.store, name, now)
                for name, side in self.sides.items()
            ]
        )

    async def sweep(self, service: str, job: str) -> int:
        """Run one sweep of a service, as its worker would, until it has nothing to do."""
        side = self.sides[service]
        found = next(candidate for candidate in side.service.jobs if candidate.name == job)
        total = 0
        while changed := await run_once(side.database, service, found, now=self.clock.now):
            total += changed
        return total
