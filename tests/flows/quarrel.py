"""The people of a dispute, and its steps in their words: a hotline order goes to mediation and comes back."""

from __future__ import annotations

from typing import Any

from libs.common.http.dev_tokens import DemoScope
from libs.common.policy import Role
from tests.flows.story import CLUTTER, DISTRICT, NEIGHBOURHOOD, TOWN, Story, ok
from tests.flows.world import Answer, Person, World

DISPUTES = "/disputes/v1/disputes"
OWNER = {"name": "张三丰", "phone": "13812341234"}
FIRM = {"name": "曹杨物业公司", "role": "respondent", "kind": "firm"}
TERMS = "每日18时后由申请人使用该车位"
REMEDIES = ["arbitration", "court"]


class Quarrel(Story):
    """One hotline order about a quarrel, and everybody around it."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.hotline = world.person(Role.HOTLINE_OFFICER, DISTRICT)
        self.coordinator = world.person(Role.CENTRE_COORDINATOR, TOWN)
        self.mediator: Person

    # -- grid's steps

    async def order(self, *, consent: bool = True) -> None:
        """The hotline passes the order on; it is verified, accepted and filed."""
        photo = await self.photo(self.hotline, "grid", 1)
        body = {
            "channel": "12345",
            "category": CLUTTER,
            "description": "车位长期被物业占用，多次交涉未果",
            "found_at": self.world.clock.now.isoformat(),
            "place": {"area": NEIGHBOURHOOD, "address": "武宁路100弄3号"},
            "reporter": {**OWNER, "consent": consent},
            "photos": [photo],
            "source_number": "YS20261123001",
        }
        ok(await self.hotline.put(self.path, body), 201)
        await self.step(self.acceptor, "request-verification", inspector=self.checker.subject)
        await self.step(self.checker, "verify", confirmed=True, note="双方确有争执")
        await self.step(self.acceptor, "accept")
        await self.step(self.duty_chief, "file", standard="found")

    async def convert(self) -> Any:
        """It is a property dispute; mediation hears of it."""
        owner = {**OWNER, "role": "applicant", "kind": "owner"}
        shown = await self.step(self.dispatcher, "convert", parties=[owner, FIRM], note="双方愿意调解")
        await self.world.settle()
        return shown

    async def seen(self, person: Person) -> Any:
        """The case as this person reads it."""
        return ok(await person.get(self.path))

    # -- mediation's steps

    async def dispute(self) -> Any:
        """The dispute that the case became, as the town's coordinator sees it."""
        rows = ok(await self.coordinator.get(DISPUTES, area=NEIGHBOURHOOD))["items"]
        (found,) = [row for row in rows if row["subject_id"] == str(self.case_id)]
        return ok(await self.coordinator.get(f"{DISPUTES}/{found['id']}"))

    async def send(self, person: Person, name: str, **body: Any) -> Answer:
        """A step on the dispute, on its present version."""
        dispute = await self.dispute()
        return await person.post(f"{DISPUTES}/{dispute['id']}/{name}", body, version=dispute["version"])

    async def does(self, person: Person, name: str, **body: Any) -> Any:
        """The same, which must succeed; its news arrives."""
        done = ok(await self.send(person, name, **body))
        await self.world.settle()
        return done

    async def classify(self) -> None:
        """An ordinary one, about parking."""
        await self.does(self.coordinator, "classify", dispute_class="ordinary", dispute_type="parking")

    async def assign(self) -> Any:
        """To the studio of the neighbourhood, whose mediator has it from now on."""
        assigned = await self.does(self.coordinator, "assign")
        bodies = ok(await self.administrator.get("/disputes/v1/bodies", area=NEIGHBOURHOOD))["items"]
        (studio,) = [body for body in bodies if body["area"] == NEIGHBOURHOOD]
        assert assigned["body_id"] == studio["id"], "an ordinary dispute stays in the neighbourhood"
        scope = DemoScope("演示调解员", (NEIGHBOURHOOD,), body_id=studio["id"], subject="mediator-1")
        self.mediator = Person(self.world, Role.MEDIATOR, scope)
        return studio

    async def parties(self) -> list[str]:
        """The ids of everybody in the dispute."""
        return [party["id"] for party in (await self.dispute())["parties"]]

    async def consent(self) -> None:
        """Everybody agrees to be mediated."""
        await self.does(self.mediator, "consents", party_ids=await self.parties())

    async def refuse(self) -> None:
        """The firm clearly refuses."""
        firm = (await self.parties())[-1]
        await self.does(self.mediator, "refuse", party_id=firm, note="坚持走诉讼途径")

    async def fail(self) -> None:
        """They are too far apart."""
        await self.consent()
        await self.does(self.mediator, "fail", reason="too-far-apart", note="双方分歧过大")

    async def agree(self) -> None:
        """A written agreement, signed and sealed, so in effect."""
        terms = {"terms": TERMS, "performance": "自行履行", "perform_by": "2026-12-31"}
        await self.does(self.mediator, "agree", form="written", **terms)
        signed = {"party_ids": await self.parties(), "mediator": True, "sealed": True}
        await self.does(self.mediator, "sign-agreement", **signed)
