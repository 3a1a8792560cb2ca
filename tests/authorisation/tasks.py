"""Records of `tasks`: a unit's tasks as they stand between its steps, in one town; and what is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from libs.common.contracts import handover as said
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.media.store import digest
from libs.common.policy import Role
from services.tasks.units.domain import MemberRole
from tests.authorisation.access import PHOTO, access_calls, issue
from tests.authorisation.calls import NEW, Call
from tests.authorisation.places import Home
from tests.tasks.factories import (
    MONDAY,
    TOWN,
    Clock,
    Dispatcher,
    as_,
    create_duty,
    create_member,
    create_task,
    create_unit,
    stored,
)
from tests.tasks.measures.factories import hear, load, target
from tests.tasks.supervisions.proposer import CODE, Proposer

AUTHOR = "author-1"
"""The clerk who did the work and wrote the answer."""
DEPUTY = "deputy-1"
ANSWER = {"outcome": "solved", "summary": "已清理"}
NOTE = {"note": "经研究"}
WHEN = {"due_at": (MONDAY + timedelta(days=20)).isoformat()}
MEASURED = "310107"
"""Where the measure lies."""


class Tasks:
    """The tasks, by the name of how they stand."""

    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        self.client, self.database = client, database
        self.ids: dict[str, UUID] = {}
        self.versions: dict[str, int] = {}
        self.home: Home
        self.partner = new_id()

    async def make(self) -> None:
        """Make all of them."""
        unit = await create_unit(self.database)
        self.home = Home(TOWN, unit=unit.id)
        self.partner = (await create_unit(self.database, "310101002.partner")).id
        await create_member(self.database, unit.id, AUTHOR, MemberRole.CLERK)
        await create_member(self.database, unit.id, DEPUTY, MemberRole.DEPUTY)
        await issue(self.database, "tasks", self.home)
        await self._worked()
        await self._decided()
        await self._joint()
        await self._handed_over()
        await self._reference()
        for name, task_id in self.ids.items():
            self.versions[name] = (await stored(self.database, task_id)).version

    async def _worked(self) -> None:
        headers = as_(Role.UNIT_CLERK, subject=AUTHOR) | {"content-type": "image/jpeg"}
        sent = await self.client.put(f"/tasks/v1/media/{digest(PHOTO)}", content=PHOTO, headers=headers)
        assert sent.status_code == 201, sent.text
        for name in ("assigned", "signed", "returning", "submitted", "done", "verified", "waiting"):
            self.ids[name] = (await create_task(self.database, self.home.unit)).id
        await self._unit("returning", "return", {"reason": "other", "note": "非职责"})
        for name in ("signed", "submitted", "done", "verified", "waiting"):
            await self._unit(name, "sign")
        await self._unit("signed", "progress", {"note": "在办", "photos": [digest(PHOTO)]})
        await self._unit("submitted", "submit", ANSWER)
        for name in ("done", "verified"):
            await self._unit(name, "answer", ANSWER)
        until = (MONDAY + timedelta(days=9)).isoformat()
        await self._unit("waiting", "extension", {"until": until, "reason": "待料"})

    async def _decided(self) -> None:
        await self._step("verified", "verify", NOTE, as_(Role.SUPERVISION_OFFICE, version=0))
        self.ids["suspended"] = (await create_task(self.database, self.home.unit)).id
        await self._step("suspended", "suspend", NOTE, as_(Role.SUPERVISION_OFFICE, version=0))

    async def _joint(self) -> None:
        unit, partner = self.home.unit, self.partner
        led = await create_task(self.database, unit, cooperating_unit_ids=(partner,))
        shared = await create_task(self.database, partner, cooperating_unit_ids=(unit,))
        self.ids |= {"led": led.id, "shared": shared.id}

    async def _handed_over(self) -> None:
        task = await Dispatcher(self.database, Clock()).request(self.home.unit)
        self.ids["handed over"] = task.id
        await self._unit("handed over", "sign")
        await self._unit("handed over", "staff", {"assignee": AUTHOR})
        repair = await Dispatcher(self.database, Clock()).request_repair(self.home.unit)
        self.ids["repair"] = repair.id
        await self._unit("repair", "sign")

    async def _reference(self) -> None:
        proposer = Proposer(self.database, Clock())
        await proposer.say(said.Requested, **(proposer.requested(self.home.unit) | {"area": TOWN}))
        self.supervision = await proposer.supervision()
        self.duty = await create_duty(self.database, self.home.unit)
        await load(self.database)
        await hear(self.database, target(CODE))
        given = {"area": MEASURED, "unit": self.home.unit}
        query = "SELECT id FROM measure WHERE area = :area ORDER BY code LIMIT 1"
        self.measure = await self.database.read(lambda s: s.scalar(text(query), given))
        query = "SELECT id FROM unit_member WHERE unit_id = :unit"
        self.member = await self.database.read(lambda s: s.scalar(text(query), given))

    async def _unit(self, name: str, step: str, body: Any = None, subject: str = AUTHOR) -> None:
        await self._step(name, step, body, as_(Role.UNIT_CLERK, subject=subject, unit_id=self.home.unit))

    async def _step(self, name: str, step: str, body: Any, headers: dict[str, str]) -> None:
        version = (await stored(self.database, self.ids[name])).version
        path = f"/tasks/v1/tasks/{self.ids[name]}/{step}"
        answer = await self.client.post(path, json=body, headers=headers | {"if-match": f'"{version}"'})
        assert answer.status_code == 200, answer.text

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        photo = digest(PHOTO)
        return {
            **self._unit_steps(),
            **self._assigner_steps(),
            **self._reads(),
            **self._reference_calls(),
            **access_calls("tasks", self.home, photo),
        }

    def _at(self, name: str, body: Any = None, **more: Any) -> Call:
        return Call({"task_id": str(self.ids[name])}, body, self.versions[name], **more)

    def _steps(self, steps: dict[str, Call]) -> dict[str, Call]:
        return {f"POST /tasks/{{task_id}}/{step}": call for step, call in steps.items()}

    def _unit_steps(self) -> dict[str, Call]:
        until = (MONDAY + timedelta(days=9)).isoformat()
        partner = {"unit_id": str(self.partner), "note": "请反馈"}
        steps = {
            "sign": self._at("assigned"),
            "staff": self._at("signed", {"assignee": AUTHOR}),
            "first-contact": self._at("signed", {"note": "电话无人接听"}),
            "progress": self._at("signed", NOTE),
            "arrive": self._at("repair", {"arrived_at": MONDAY.isoformat(), "note": "已到场"}),
            "extension": self._at("signed", {"until": until, "reason": "待料"}),
            "return": self._at("assigned", {"reason": "other", "note": "非职责"}),
            "submit": self._at("signed", ANSWER),
            "approve": self._at("submitted"),
            "approve [as a deputy]": self._at("submitted", subject=DEPUTY),
            "approve [as the author]": self._at("submitted", subject=AUTHOR),
            "send-back": self._at("submitted", NOTE),
            "answer": self._at("signed", ANSWER),
            "feedback": self._at("shared", NOTE),
            "chase": self._at("led", partner),
        }
        reveal = {"task_id": str(self.ids["handed over"]), "access_id": NEW}
        access = "PUT /tasks/{task_id}/accesses/{access_id}"
        return {
            **self._steps(steps),
            f"{access} [as who has it]": Call(reveal, {"reason": "约定上门"}, subject=AUTHOR),
            access: Call(reveal, {"reason": "约定上门"}),
        }

    def _assigner_steps(self) -> dict[str, Call]:
        steps = {
            "urge": self._at("signed", NOTE),
            "designate": self._at("returning", NOTE),
            "take-back": self._at("returning", NOTE),
            "withdraw": self._at("signed", NOTE),
            "reschedule": self._at("signed", WHEN | NOTE),
            "extension/grant": self._at("waiting", WHEN | NOTE),
            "extension/refuse": self._at("waiting", NOTE),
            "suspend": self._at("signed", NOTE),
            "resume": self._at("suspended", NOTE),
            "rework": self._at("done", NOTE),
            "rework [as the author]": self._at("done", NOTE, subject=AUTHOR),
            "verify": self._at("done", NOTE),
            "verify [as the author]": self._at("done", NOTE, subject=AUTHOR),
            "close": self._at("verified", NOTE),
        }
        given = {"title": "专项整治", "description": "逐栋排查", "unit_id": str(self.home.unit)}
        decide = {"supervision_id": str(self.supervision.id)}
        no = {"reason": "data-error", "note": "补报后已转绿"}
        version = self.supervision.version
        return {
            **self._steps(steps),
            "POST /tasks": Call(body=given),
            "POST /supervisions/{supervision_id}/issue": Call(decide, WHEN, version),
            "POST /supervisions/{supervision_id}/not-issue": Call(decide, no, version),
        }

    def _reads(self) -> dict[str, Call]:
        shown, most = str(self.ids["signed"]), {"limit": 200}
        names = {"task_id": shown}
        row = str(self.supervision.id)
        supervision = {"supervision_id": row}
        return {
            **{f"GET /tasks/{{task_id}}{part}": Call(names) for part in ("", "/history", "/joint", "/lines")},
            "GET /tasks": Call(params=most, shows=shown),
            "GET /tasks/inbox": Call(params=most, shows=shown),
            "GET /tasks/sign-offs": Call(params=most, shows=str(self.ids["submitted"])),
            "GET /supervisions": Call(params=most, shows=row),
            "GET /supervisions/{supervision_id}": Call(supervision),
            "GET /supervisions/{supervision_id}/history": Call(supervision),
        }

    def _reference_calls(self) -> dict[str, Call]:
        unit = {"unit_id": str(self.home.unit)}
        made = {
            "code": "310101002.office", "name_zh": "某办", "name_en": "Office", "kind": "office",
            "area": TOWN, "source": "通知",
        }  # fmt: skip
        duty = {"category": "0201", "area": TOWN, "lead_unit_ids": [str(self.home.unit)], "source": "通知"}
        days = {"confirmed": True, "source": "通知", "effective_from": "2026-11-23"}
        member = {"subject": "clerk-9", "name": "李四", "role": "clerk"}
        link = {"measure_id": str(self.measure), "target_code": CODE}
        return {
            "POST /units": Call(body=made),
            "PATCH /units/{unit_id}": Call(unit, {"name_zh": "新名"}, 2),
            "GET /units/{unit_id}/members": Call(unit),
            "POST /units/{unit_id}/members": Call(unit, member),
            "POST /units/{unit_id}/members/{member_id}/end": Call({**unit, "member_id": str(self.member)}),
            "POST /duties": Call(body=duty),
            "PATCH /duties/{duty_id}": Call({"duty_id": str(self.duty.id)}, {"source": "新通知"}),
            "PUT /calendar/{year}": Call({"year": "2027"}, days, 0),
            "PUT /measures/{measure_id}/targets/{target_code}": Call(link, NOTE, area=MEASURED),
        }

    async def names(self) -> dict[str, str]:
        """Path parameters where a call does not say otherwise."""
        return {
            "unit_id": str(self.home.unit),
            "duty_id": str(self.duty.id),
            "year": "2026",
            "measure_id": str(self.measure),
        }
