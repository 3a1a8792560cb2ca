"""Makes what the tests of disputes need: callers, bodies, units, areas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.tasks import UnitChanged
from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.http.faults import Unauthenticated
from libs.common.ids import new_id, stable_id
from libs.common.loading import data_folder
from libs.common.media.models import MediaObject, MediaUpload
from libs.common.policy import Actor, Principal, Role
from libs.common.service import Delivery
from services.disputes.bodies import service as bodies
from services.disputes.bodies.domain import BodyFields, BodyKind, Tier
from services.disputes.bodies.models import Body
from services.disputes.directory.consumers import UNITS
from services.disputes.main import SERVICE
from services.disputes.rules import service as rules
from services.disputes.types import service as types

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on a working day."""

DISTRICT, TOWN, NEIGHBOURHOOD = "310107", "310107005", "310107005001"
ADMINISTRATOR = Actor("admin-1", Role.ADMINISTRATOR)

STUDIO = stable_id("body", f"{NEIGHBOURHOOD}.studio")
CENTRE = stable_id("body", f"{TOWN}.centre")
COMMITTEE = stable_id("body", f"{DISTRICT}.committee")
"""Ids of the three bodies that `create_bodies` makes, as the loader would."""


@dataclass
class Clock:
    """The time that the app is given."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def tick(self, span: timedelta = timedelta(minutes=1)) -> datetime:
        """Move on."""
        self.now += span
        return self.now


class Callers:
    """Takes the caller from a header that only the tests know: no signature is checked here."""

    async def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """The caller that `as_` wrote. Raises `Unauthenticated`."""
        if "x-test-caller" not in headers:
            raise Unauthenticated
        told = json.loads(headers["x-test-caller"])
        return Principal(
            subject=told["subject"],
            name=told["subject"],
            roles=frozenset(Role(role) for role in told["roles"]),
            areas=tuple(told["areas"]),
            body_id=UUID(told["body_id"]) if told["body_id"] else None,
            estates=tuple(UUID(estate) for estate in told["estates"]),
            until=datetime.fromisoformat(told["until"]) if told["until"] else None,
        )


def as_(
    role: Role,
    *,
    areas: Sequence[str] | None = None,
    subject: str | None = None,
    key: str | None = None,
    version: int | None = None,
    **bound: Any,
) -> dict[str, str]:
    """Headers of a caller, with a fresh Idempotency-Key and, where a version is given, If-Match.

    A mediator has the studio unless `body_id` says otherwise; a committee member's `estates` are bound to a
    term of a year. The other roles see their own level's area.
    """
    told = {
        "subject": subject or f"{role}-1",
        "roles": [role],
        "areas": list(areas if areas is not None else AREAS.get(role, (DISTRICT,))),
        "body_id": str(bound["body_id"] if "body_id" in bound else BODY_OF[role])
        if bound.get("body_id") or ("body_id" not in bound and role in BODY_OF)
        else None,
        "estates": [str(estate) for estate in bound.get("estates", ())],
        "until": (MONDAY + timedelta(days=365)).isoformat() if bound.get("estates") else None,
    }
    headers = {"x-test-caller": json.dumps(told), "idempotency-key": key or str(new_id())}
    return headers | ({"if-match": f'"{version}"'} if version is not None else {})


BODY_OF: Mapping[Role, UUID] = {
    Role.MEDIATOR: STUDIO,
    Role.CENTRE_COORDINATOR: CENTRE,
    Role.DISTRICT_MEDIATION: COMMITTEE,
}
AREAS: Mapping[Role, tuple[str, ...]] = {
    Role.MEDIATOR: (NEIGHBOURHOOD,),
    Role.CENTRE_COORDINATOR: (TOWN,),
    Role.COMMITTEE_MEMBER: (),
    Role.ADMINISTRATOR: ("31",),
}


@dataclass(frozen=True)
class Sent:
    """An event as it stands in the outbox."""

    type: str
    aggregate_id: UUID
    version: int
    payload: dict[str, Any] = field(default_factory=dict)


async def outbox(database: Database, topic: str | None = None) -> list[Sent]:
    """What was recorded, in order; of one topic where it is named."""

    async def work(session: AsyncSession) -> list[Sent]:
        query = (
            "SELECT type, aggregate_id, version, payload FROM outbox"
            " WHERE CAST(:topic AS text) IS NULL OR topic = :topic ORDER BY id"
        )
        rows = await session.execute(text(query), {"topic": topic})
        return [Sent(r.type, r.aggregate_id, r.version, json.loads(r.payload)) for r in rows]

    return await database.read(work)


def delivery_of(event: Event, aggregate_id: UUID, version: int = 1) -> Delivery:
    """How the bus would hand the event over."""
    return Delivery(new_id(), event.topic.name, aggregate_id, version, 1, version, MONDAY, False)


async def load_rules_and_types(database: Database) -> None:
    """The rules and the dispute types of the service's own files."""
    folder = data_folder(SERVICE)

    async def work(session: AsyncSession) -> None:
        await types.load(session, folder)
        await rules.load(session, folder)

    await database.transact(work)


def body_fields(tier: Tier = Tier.NEIGHBOURHOOD, **overrides: Any) -> BodyFields:
    """A body of the tier in the tests' own area, as the files would name it."""
    code, name, kind = {
        Tier.NEIGHBOURHOOD: (f"{NEIGHBOURHOOD}.studio", "源园居委会物业纠纷调解工作室", BodyKind.STUDIO),
        Tier.TOWNSHIP: (f"{TOWN}.centre", "曹杨新村街道物业纠纷调解联合中心", BodyKind.CENTRE),
        Tier.DISTRICT: (f"{DISTRICT}.committee", "普陀区物业纠纷调解委员会", BodyKind.COMMITTEE),
    }[tier]
    area = code.partition(".")[0]
    values: dict[str, Any] = {
        "code": code,
        "name_zh": name,
        "name_en": f"Body of {area}",
        "kind": kind,
        "tier": tier,
        "area": area,
        "committee_code": f"{area}.people-mediation",
        "committee_zh": f"{area}人民调解委员会",
        "committee_en": f"People's mediation committee of {area}",
        "number_word": f"{area}人调",
        "source": "演示",
    }
    return BodyFields(**(values | overrides))


async def create_body(database: Database, tier: Tier = Tier.NEIGHBOURHOOD, **overrides: Any) -> Body:
    """A body, registered by an administrator; its id follows from its code, as the loader's does."""
    fields = body_fields(tier, **overrides)
    key = stable_id("body", fields.code)

    async def work(session: AsyncSession) -> Body:
        return await bodies.register(session, fields, body_id=key, actor=ADMINISTRATOR, now=MONDAY)

    return await database.transact(work)


async def create_bodies(database: Database) -> dict[Tier, Body]:
    """The studio, the centre and the committee of the tests' area."""
    return {tier: await create_body(database, tier) for tier in Tier}


async def create_unit(database: Database, name: str = "上海某某物业管理有限公司", **overrides: Any) -> UUID:
    """A unit that `tasks` has published; answers its id."""
    key = new_id()
    values: dict[str, Any] = {
        "happened_at": MONDAY,
        "code": f"unit.{key}",
        "name_zh": name,
        "name_en": "A property firm",
        "kind": "property-firm",
        "area": TOWN,
        "valid_from": date(2020, 1, 1),
        "origin": "entered",
    }
    event = UnitChanged(**(values | overrides))
    await database.transact(lambda session: UNITS.keep(session, [(key, event)]))
    return key


async def upload(database: Database, subject: str, name: str = "a" * 64) -> str:
    """A photo that the person has uploaded; answers its hash."""

    async def work(session: AsyncSession) -> None:
        session.add(
            MediaObject(
                hash=name, stored_digest=name, media_type="image/jpeg", size=1, width=1, height=1,
                touched_at=MONDAY, stored_at=MONDAY,
            )
        )  # fmt: skip
        session.add(MediaUpload(hash=name, subject=subject, at=MONDAY))

    await database.transact(work)
    return name
