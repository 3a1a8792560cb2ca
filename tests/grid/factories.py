"""Makes what the tests of grid need: a filled database, callers, cases at any step, a unit that replies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.contracts.handover import CHANNELS, MediaRef, Outcome
from libs.common.contracts.tasks import DutyChanged, UnitChanged
from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events.contract import Event
from libs.common.handover.consumers import handlers
from libs.common.handover.models import OutgoingHandover
from libs.common.http.faults import Unauthenticated
from libs.common.ids import new_id
from libs.common.loading import data_folder
from libs.common.media.models import MediaObject, MediaUpload
from libs.common.policy import Principal, Role
from libs.common.service import Delivery, Handlers
from libs.common.toolbox import METADATA
from services.grid.base import Base
from services.grid.cases.models import Case
from services.grid.catalogue import service as catalogue
from services.grid.conversions.consumers import HOOKS as MEDIATION
from services.grid.main import SERVICE
from services.grid.nodes import service as nodes
from services.grid.places.loading import load_geography, read_sources
from services.grid.replies.consumers import HOOKS as UNITS
from services.grid.rules import service as rules
from services.grid.templates import service as templates
from tests.support.hearing import hear

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on a working day."""

DISTRICT = "310101"
NEIGHBOURHOOD = "310101002001"
ELSEWHERE = "310107"


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
            unit_id=UUID(told["unit_id"]) if told["unit_id"] else None,
            estates=tuple(UUID(estate) for estate in told.get("estates", ())),
            until=datetime.fromisoformat(told["until"]) if told.get("until") else None,
            since=datetime.fromisoformat(told["since"]) if told.get("since") else None,
        )


def as_(
    *roles: Role,
    subject: str | None = None,
    unit_id: UUID | None = None,
    areas: Sequence[str] = (DISTRICT,),
    key: str | None = None,
    version: int | None = None,
) -> dict[str, str]:
    """Headers of a caller, with a fresh Idempotency-Key and, where a version is given, If-Match."""
    told = {
        "subject": subject or f"{roles[0].value}-1",
        "roles": [role.value for role in roles],
        "areas": list(areas),
        "unit_id": str(unit_id) if unit_id else None,
    }
    headers = {"x-test-caller": json.dumps(told), "idempotency-key": key or str(new_id())}
    return headers | ({"if-match": f'"{version}"'} if version is not None else {})


def fill(url: str) -> None:
    """Fill an empty database: every table, one district's geography, categories and rules."""
    folder = data_folder(SERVICE)

    async def run() -> None:
        made = Database(url)
        async with made.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
            await connection.run_sync(Base.metadata.create_all)
        sources = read_sources(folder, (DISTRICT,))
        await made.transact(lambda session: load_geography(session, sources, now=MONDAY))
        await made.transact(lambda session: catalogue.load_categories(session, folder))
        await made.transact(lambda session: rules.load_rules(session, folder))
        await made.transact(lambda session: nodes.load_nodes(session, folder))
        await made.transact(lambda session: templates.load_templates(session, folder))
        await made.transact(lambda session: session.execute(text("DELETE FROM outbox")))
        await made.close()

    blocking(run)


@dataclass(frozen=True)
class Sent:
    """An event as it stands in the outbox."""

    type: str
    aggregate_id: UUID
    version: int
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """What happened."""
        return self.type.split(".")[-2]


async def outbox(database: Database, topic: str = "jiayuan.grid.case.v1") -> list[Sent]:
    """What was recorded on the topic, in order."""

    async def work(session: AsyncSession) -> list[Sent]:
        query = "SELECT type, aggregate_id, version, payload FROM outbox WHERE topic = :topic ORDER BY id"
        rows = await session.execute(text(query), {"topic": topic})
        return [Sent(r.type, r.aggregate_id, r.version, json.loads(r.payload)) for r in rows]

    return await database.read(work)


async def upload(database: Database, subject: str, name: str) -> str:
    """A photo that the person has uploaded; answers its hash."""

    async def work(session: AsyncSession) -> None:
        if await session.get(MediaObject, name) is None:
            session.add(
                MediaObject(
                    hash=name, stored_digest=name, media_type="image/jpeg", size=1, width=1, height=1,
                    touched_at=MONDAY, stored_at=MONDAY,
                )
            )  # fmt: skip
        if await session.get(MediaUpload, (name, subject)) is None:
            session.add(MediaUpload(hash=name, subject=subject, at=MONDAY))

    await database.transact(work)
    return name


def delivery_of(event: Event, aggregate_id: UUID, version: int = 1) -> Delivery:
    """How the bus would hand the event over."""
    return Delivery(new_id(), event.topic.name, aggregate_id, version, 1, version, MONDAY, False)


async def deliver(
    database: Database,
    event: Event,
    aggregate_id: UUID,
    version: int = 1,
    table: Handlers = SERVICE.handlers,
) -> None:
    """Hand the event to grid's handler, twice, as the bus may do."""
    await hear(database, table, event, delivery_of(event, aggregate_id, version))


async def known_unit(database: Database, area: str = "310101002", **overrides: Any) -> UUID:
    """A unit that grid has heard of."""
    unit_id = new_id()
    values: dict[str, Any] = {
        "happened_at": MONDAY, "code": f"unit-{unit_id}", "name_zh": "南京东路街道综合行政执法队",
        "name_en": "Enforcement Team", "kind": "enforcement-team", "area": area, "origin": "live",
    }  # fmt: skip
    await deliver(database, UnitChanged(**(values | overrides)), unit_id)
    return unit_id


async def known_duty(
    database: Database, lead: Sequence[UUID], area: str = DISTRICT, category: str = "0201", **overrides: Any
) -> UUID:
    """A row of the duty list that grid has heard of."""
    duty_id = new_id()
    values: dict[str, Any] = {
        "happened_at": MONDAY, "category": category, "area": area, "lead_unit_ids": tuple(lead),
        "origin": "live", "valid_from": date(2024, 1, 1),
    }  # fmt: skip
    await deliver(database, DutyChanged(**(values | overrides)), duty_id)
    return duty_id


def report_body(**overrides: Any) -> dict[str, Any]:
    """A report by an inspector."""
    body: dict[str, Any] = {
        "channel": "inspector",
        "category": "0202",
        "description": "3号楼2层楼道堆放纸箱",
        "found_at": "2026-11-23T09:50:00+08:00",
        "place": {"area": NEIGHBOURHOOD, "address": "福建中路100弄3号202室"},
    }
    return body | overrides


REPORTER, HANDLER, CHECKER = "inspector-1", "inspector-2", "inspector-3"
ROLE_OF = {
    "accept": Role.ACCEPTOR, "reject": Role.ACCEPTOR, "merge": Role.ACCEPTOR,
    "request-verification": Role.ACCEPTOR, "file": Role.DUTY_CHIEF, "refuse-filing": Role.DUTY_CHIEF,
    "close": Role.DUTY_CHIEF, "recheck": Role.DUTY_CHIEF, "void": Role.DUTY_CHIEF,
    "force-close": Role.DUTY_CHIEF, "reopen": Role.DUTY_CHIEF, "grant-deferral": Role.DUTY_CHIEF,
    "correct": Role.INSPECTOR, "withdraw": Role.INSPECTOR, "verify": Role.INSPECTOR,
    "check": Role.INSPECTOR, "start": Role.INSPECTOR, "progress": Role.INSPECTOR,
    "return": Role.INSPECTOR, "answer": Role.INSPECTOR,
}  # fmt: skip
SUBJECT_OF = {
    "correct": REPORTER, "withdraw": REPORTER, "verify": CHECKER, "check": CHECKER,
    "start": HANDLER, "progress": HANDLER, "return": HANDLER, "answer": HANDLER,
}  # fmt: skip


class Desk:
    """Takes a case from step to step over HTTP, each step by who may take it."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, database: Database) -> None:
        self.client = client
        self.clock = clock
        self.database = database

    async def photo(self, subject: str = REPORTER, letter: str = "a") -> str:
        """A photo uploaded by the person."""
        return await upload(self.database, subject, letter * 64)

    async def report(self, case_id: UUID | None = None, **overrides: Any) -> UUID:
        """A report with a photo before; answers the case's id."""
        case_id = case_id or new_id()
        channel = overrides.get("channel", "inspector")
        role = {"inspector": Role.INSPECTOR}.get(channel, Role.HOTLINE_OFFICER)
        numbered = {} if channel == "inspector" else {"source_number": f"SH-{case_id.hex}"}
        photos = [await self.photo(f"{role.value}-1")]
        body = report_body(**({"photos": photos, **numbered} | overrides))
        answer = await self.client.put(f"/grid/v1/cases/{case_id}", json=body, headers=as_(role))
        assert answer.status_code == 201, answer.text
        return case_id

    async def post(
        self,
        case_id: UUID,
        action: str,
        body: Any = None,
        *,
        role: Role | None = None,
        subject: str | None = None,
        unit_id: UUID | None = None,
        version: int | None = None,
    ) -> httpx.Response:
        """One step, by who usually takes it unless said otherwise, from the version that stands."""
        version = (await self.case(case_id)).version if version is None else version
        role = role or ROLE_OF.get(action, Role.DISPATCHER)
        headers = as_(role, subject=subject or SUBJECT_OF.get(action), unit_id=unit_id, version=version)
        return await self.client.post(f"/grid/v1/cases/{case_id}/{action}", json=body, headers=headers)

    async def step(self, case_id: UUID, action: str, body: Any = None, **who: Any) -> dict[str, Any]:
        """The same, which must succeed; answers the case as shown."""
        answer = await self.post(case_id, action, body, **who)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def filed(self, category: str = "0202", standard: str = "found", **overrides: Any) -> UUID:
        """A case that is filed."""
        case_id = await self.report(category=category, **overrides)
        await self.step(case_id, "accept")
        await self.step(case_id, "file", {"standard": standard})
        return case_id

    async def handled(self) -> UUID:
        """A case in the hands of the own squad."""
        case_id = await self.filed()
        await self.step(case_id, "dispatch", {"squad": "网格处置一队"})
        await self.step(case_id, "start")
        return case_id

    async def answered(self, letter: str = "b") -> UUID:
        """A case whose squad has answered."""
        case_id = await self.handled()
        await self.answer(case_id, letter)
        return case_id

    async def answer(self, case_id: UUID, letter: str = "b") -> dict[str, Any]:
        """The squad's answer with a photo after."""
        photos = [await self.photo(HANDLER, letter)]
        return await self.step(
            case_id, "answer", {"outcome": "solved", "summary": "已清理", "photos": photos}
        )

    async def assign_check(self, case_id: UUID) -> dict[str, Any]:
        """The check, given to another inspector."""
        return await self.step(case_id, "assign-check", {"inspector": CHECKER})

    async def check(self, case_id: UUID, *, passed: bool = True) -> dict[str, Any]:
        """The check, assigned and done."""
        await self.assign_check(case_id)
        return await self.step(case_id, "check", {"passed": passed, "note": "已查看"})

    async def case(self, case_id: UUID) -> Case:
        """The case as it is stored."""
        found = await self.database.read(lambda session: session.get(Case, case_id))
        assert found is not None
        return found

    async def read(self, case_id: UUID, *roles: Role, subject: str | None = None) -> dict[str, Any]:
        """The case as a caller reads it."""
        headers = as_(*(roles or (Role.DISPATCHER,)), subject=subject)
        answer = await self.client.get(f"/grid/v1/cases/{case_id}", headers=headers)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def queue(self, *roles: Role, **asked: Any) -> list[tuple[str, str]]:
        """(case, reason) of the queue."""
        answer = await self.client.get(
            "/grid/v1/queue", params=asked, headers=as_(*(roles or (Role.DISPATCHER,)))
        )
        assert answer.status_code == 200, answer.text
        return [(item["id"], item["queue"]) for item in answer.json()["items"]]


class Unit:
    """The unit's side of the handover of one case: says its replies, each delivered twice."""

    service, kind, by, role = "tasks", "case-task", "clerk-1", "unit_clerk"

    def __init__(self, desk: Desk, case_id: UUID, handover_id: UUID) -> None:
        self.desk = desk
        self.case_id = case_id
        self.handover_id = handover_id
        self.version = 0
        self.hears = handlers("grid", sends={**UNITS, **MEDIATION}, receives={}, clock=desk.clock)

    async def handover(self) -> OutgoingHandover:
        """The sender's side of the handover."""
        found = await self.desk.database.read(lambda s: s.get(OutgoingHandover, self.handover_id))
        assert found is not None
        return found

    async def say(self, base: type[said.Step], *, read: int | None = None, **fields: Any) -> None:
        """One reply, having read all that grid has said, or only the first `read` steps."""
        self.version += 1
        replies_to = (await self.handover()).version if read is None else read
        event = (
            CHANNELS[self.service, "grid"]
            .classes[base]
            .model_validate(
                {
                    "handover_id": self.handover_id,
                    "kind": self.kind,
                    "replies_to": replies_to,
                    "by": self.by,
                    "role": self.role,
                    "happened_at": self.desk.clock.now,
                    **fields,
                }
            )
        )
        await deliver(self.desk.database, event, self.handover_id, self.version, self.hears)

    async def sign(self) -> None:
        """It signs."""
        await self.say(said.Signed)

    async def answer(self, letter: str = "c", **fields: Any) -> None:
        """It answers with a photo."""
        media = (MediaRef(hash=letter * 64, purpose="after"),)
        outcome = Outcome(result="solved", summary="已恢复畅通", media=media)
        await self.say(said.Answered, outcome=outcome, **fields)


async def at_unit(desk: Desk, *, unit_id: UUID | None = None) -> Unit:
    """A case that was dispatched to a unit."""
    unit_id = unit_id or await known_unit(desk.database)
    case_id = await desk.filed("0201", "structure")
    shown = await desk.step(case_id, "dispatch", {"unit_id": str(unit_id)})
    return Unit(desk, case_id, UUID(shown["handover_id"]))
