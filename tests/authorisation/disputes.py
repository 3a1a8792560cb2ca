"""Records of `disputes`: one in each state, in one neighbourhood; and what each operation is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from libs.common.db import Database
from libs.common.media.store import digest
from libs.common.policy import Role
from services.disputes.disputes.domain import State
from services.disputes.disputes.models import Dispute
from tests.authorisation.access import PHOTO, access_calls, issue
from tests.authorisation.calls import NEW, Call
from tests.authorisation.places import Home
from tests.disputes.factories import (
    BODY_OF,
    MONDAY,
    NEIGHBOURHOOD,
    STUDIO,
    Clock,
    as_,
    create_bodies,
    load_rules_and_types,
)
from tests.disputes.matters import REMEDIES, WRITTEN, Desk, Sender, registration, settlement

REGISTRAR = "registrar-1"
"""The mediator who registered the disputes."""
OBJECTED = "mediator-9"
DISTRICT = Role.DISTRICT_MEDIATION
STATES = (State.REGISTERED, State.CLASSIFIED, State.ASSIGNED, State.MEDIATING, State.AGREED, State.REFUSED)
WHY = {"reason": "经研究"}
NOTE = {"note": "经研究"}


class Disputes:
    """The disputes, by the name of how they stand."""

    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        self.client, self.database = client, database
        self.found: dict[str, Dispute] = {}
        self.parties: dict[str, list[str]] = {}
        self.home = Home(NEIGHBOURHOOD, bodies=BODY_OF)

    async def make(self) -> None:
        """Make all of them."""
        await load_rules_and_types(self.database)
        await create_bodies(self.database)
        await issue(self.database, "disputes", self.home)
        headers = as_(Role.MEDIATOR, subject=REGISTRAR) | {"content-type": "image/jpeg"}
        sent = await self.client.put(f"/disputes/v1/media/{digest(PHOTO)}", content=PHOTO, headers=headers)
        assert sent.status_code == 201, sent.text
        for state in STATES:
            desk = await self._register(photos=[digest(PHOTO)] if state is State.ASSIGNED else [])
            await desk.reach(state)
            await self._keep(state, desk)
        await self._of_district()
        desk = await self._register()
        await desk.reach(State.MEDIATING)
        objection = {"party_id": (await desk.everyone())[0], "mediator": OBJECTED, **WHY}
        await desk.does("object", objection)
        await self._keep("objected", desk)
        dispute = await Sender(self.database, Clock()).request()
        desk = Desk(self.client, self.database)
        await self._keep("handed over", await desk.take(dispute.id))

    async def _register(self, **overrides: Any) -> Desk:
        desk = Desk(self.client, self.database)
        body = registration(estate_id=str(self.home.estate), **overrides)
        path = f"/disputes/v1/disputes/{desk.id}"
        answer = await self.client.put(path, json=body, headers=as_(Role.MEDIATOR, subject=REGISTRAR))
        assert answer.status_code == 201, answer.text
        return desk

    async def _of_district(self) -> None:
        """A major one: the district's committee has it."""
        desk = await self._register()
        await desk.classify("major")
        await desk.does("assign", None, DISTRICT)
        await desk.consent(DISTRICT)
        await self._keep("district", desk)

    async def _keep(self, name: str, desk: Desk) -> None:
        self.found[name] = await desk.stored()
        self.parties[name] = await desk.everyone()

    def _at(self, name: str, body: Any = None, **more: Any) -> Call:
        return Call({"dispute_id": str(self.found[name].id)}, body, self.found[name].version, **more)

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        steps = {**self._routing(), **self._mediation()}
        made = {f"POST /disputes/{{dispute_id}}/{step}": call for step, call in steps.items()}
        photo = digest(PHOTO)
        return {
            **made,
            **self._reads(),
            **self._reference(),
            **access_calls("disputes", self.home, photo),
        }

    def _routing(self) -> dict[str, Call]:
        given = {"dispute_class": "ordinary", "dispute_type": "parking"}
        again = {"dispute_class": "specialist", "dispute_type": "parking", **WHY}
        return {
            "classify": self._at("registered", given),
            "classify [again]": self._at("assigned", again),
            "classify [again, at the district]": self._at("district", again),
            "supplement": self._at("assigned", NOTE),
            "urge": self._at("assigned", NOTE),
            "withdraw": self._at("assigned", WHY),
            "assign": self._at("classified", {}),
            "escalate": self._at("assigned", WHY),
            "route-down [from the district]": self._at("district", WHY),
            "return": self._at("handed over", {"reason": "other", **NOTE}, area=f"{NEIGHBOURHOOD}001"),
        }

    def _mediation(self) -> dict[str, Call]:
        one, both = self.parties["assigned"][1], {"party_ids": self.parties["assigned"]}
        mediating = self.parties["mediating"]
        until = (MONDAY + timedelta(days=60)).isoformat()
        held = {"held_at": MONDAY.isoformat(), **NOTE}
        signed = {"party_ids": self.parties["agreed"], "mediator": True, "sealed": True}
        failed = {"reason": "too-far-apart", **NOTE}
        return {
            "consents": self._at("assigned", both),
            "refuse": self._at("assigned", {"party_id": one, **NOTE}),
            "object": self._at("assigned", {"party_id": one, "mediator": "mediator-1", **WHY}),
            "sessions": self._at("mediating", held),
            "progress": self._at("mediating", NOTE),
            "progress [at the district]": self._at("district", NOTE),
            "progress [as who was objected to]": self._at("objected", NOTE, subject=OBJECTED),
            "extend": self._at("mediating", {"until": until, "party_ids": mediating}),
            "agree": self._at("mediating", WRITTEN),
            "sign-agreement": self._at("agreed", signed),
            "fail": self._at("mediating", failed),
            "close": self._at("refused", REMEDIES),
        }

    def _reads(self) -> dict[str, Call]:
        shown, unplaced = self._at("assigned"), self._at("registered")
        key, most, one = str(self.found["assigned"].id), {"limit": 200}, "GET /disputes/{dispute_id}"
        access = "PUT /disputes/{dispute_id}/accesses/{access_id}"
        names = {**shown.names, "access_id": NEW}
        return {
            "GET /disputes": Call(params=most, shows=key),
            "GET /disputes [unplaced]": Call(params=most, shows=str(self.found["registered"].id)),
            "GET /disputes/by-deadline": Call(params=most, shows=key),
            one: shown,
            f"{one} [unplaced]": unplaced,
            f"{one} [as who registered it]": self._at("assigned", subject=REGISTRAR),
            f"{one} [what was agreed]": self._at("agreed", shows=WRITTEN["performance"]),
            f"{one}/history": shown,
            access: Call(names, WHY),
            "PUT /disputes/{dispute_id}": Call({"dispute_id": NEW}, registration()),
            "PUT /settlements/{dispute_id}": Call({"dispute_id": NEW}, settlement()),
        }

    def _reference(self) -> dict[str, Call]:
        kind = {
            "name_zh": "停车纠纷", "name_en": "Parking", "group": "common-space", "source": "通知",
            "effective_from": "2027-01-01",
        }  # fmt: skip
        body = {
            "code": f"{NEIGHBOURHOOD}.second", "name_zh": "第二调解室", "name_en": "Second", "kind": "studio",
            "tier": "neighbourhood", "area": NEIGHBOURHOOD, "committee_code": "310107005.people-mediation",
            "committee_zh": "人民调解委员会", "committee_en": "Committee", "number_word": "人调",
            "source": "通知",
        }  # fmt: skip
        limit = {"amount": 45, "unit": "calendar_days"}
        rule = {"value": limit, "source": "通知", "effective_from": "2026-12-01"}
        return {
            "POST /types": Call(body=kind | {"code": "another"}),
            "PUT /types/{code}": Call(body=kind),
            "POST /types/{code}/end": Call(body={"last_day": "2027-06-30"}),
            "POST /bodies": Call(body=body),
            "PATCH /bodies/{body_id}": Call(body={"name_zh": "新名"}),
            "PUT /rules/{key}": Call(body=rule),
        }

    async def names(self) -> dict[str, str]:
        """Path parameters where a call does not say otherwise."""
        return {"code": "parking", "body_id": str(STUDIO), "key": "limit.neighbourhood"}
