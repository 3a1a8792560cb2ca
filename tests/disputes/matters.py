"""Brings a dispute to where a test needs it, over HTTP, and plays the sender of a handover."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.contracts.handover import CHANNELS, Contents, MediaRef, Person, Place
from libs.common.db import Database
from libs.common.events.models import History
from libs.common.handover.consumers import handlers
from libs.common.handover.models import IncomingHandover
from libs.common.ids import new_id
from libs.common.policy import Role
from services.disputes.disputes.domain import State
from services.disputes.disputes.models import Agreement, Dispute, Party
from services.disputes.referrals.consumers import HOOKS, KIND
from tests.disputes.factories import NEIGHBOURHOOD, Clock, as_, delivery_of, outbox

V1 = "/disputes/v1"
DISPUTES = f"{V1}/disputes"
TOPIC = "jiayuan.disputes.dispute.v1"
REPLIES = "jiayuan.disputes.handover-grid.v1"


def registration(**overrides: Any) -> dict[str, Any]:
    """What a mediator enters about two owners and a parking place."""
    values: dict[str, Any] = {
        "title": "停车位使用争议",
        "description": "固定车位被长期占用，联系 13812341234",
        "area": NEIGHBOURHOOD,
        "address": "武宁路100弄3号501室",
        "parties": [
            {"name": "张三", "role": "applicant", "kind": "owner", "phone": "13812341234"},
            {"name": "李四", "role": "respondent", "kind": "owner"},
        ],
    }
    return values | overrides


def settlement(**overrides: Any) -> dict[str, Any]:
    """What was settled on the spot."""
    told = {"dispute_type": "parking", "terms": "当场移车", "performance": "当场履行"}
    return registration(**(told | overrides))


WRITTEN = {
    "form": "written",
    "terms": "每日18时至次日8时由张三使用",
    "performance": "自行履行",
    "perform_by": "2026-12-31",
}
REMEDIES = {"remedies": ["arbitration", "court"]}


class Desk:
    """One dispute, worked on over HTTP by whoever is named; each step carries the version as it stands."""

    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        self.client, self.database = client, database
        self.id = new_id()

    async def register(self, role: Role = Role.MEDIATOR, **overrides: Any) -> Dispute:
        """Register it."""
        answer = await self.client.put(
            f"{DISPUTES}/{self.id}", json=registration(**overrides), headers=as_(role)
        )
        assert answer.status_code == 201, answer.text
        return await self.stored()

    async def take(self, dispute_id: UUID) -> Desk:
        """Go on with a dispute that is there already."""
        self.id = dispute_id
        return self

    async def do(
        self, step: str, body: dict[str, Any] | None = None, role: Role = Role.MEDIATOR, **bound: Any
    ) -> httpx.Response:
        """Try the step."""
        headers = as_(role, **({"version": (await self.stored()).version} | bound))
        return await self.client.post(f"{DISPUTES}/{self.id}/{step}", json=body or {}, headers=headers)

    async def does(
        self, step: str, body: dict[str, Any] | None = None, role: Role = Role.MEDIATOR, **bound: Any
    ) -> Dispute:
        """Take the step; answers how the dispute stands then."""
        answer = await self.do(step, body, role, **bound)
        assert answer.status_code == 200, answer.text
        return await self.stored()

    async def refused(
        self, step: str, body: dict[str, Any] | None = None, role: Role = Role.MEDIATOR, **bound: Any
    ) -> str:
        """Try the step in vain; answers `status code`, and nothing has changed."""
        before = await self.stored()
        answer = await self.do(step, body, role, **bound)
        after = await self.stored()
        assert (after.version, after.state) == (before.version, before.state)
        return f"{answer.status_code} {answer.json()['code']}"

    async def stored(self) -> Dispute:
        """The dispute as it stands in the database."""
        found = await self.database.read(lambda s: s.get(Dispute, self.id))
        assert found is not None
        return found

    async def parties(self) -> list[Party]:
        """The parties in their order."""
        rows = select(Party).where(Party.dispute_id == self.id).order_by(Party.position)

        async def work(session: AsyncSession) -> list[Party]:
            return list(await session.scalars(rows))

        return await self.database.read(work)

    async def everyone(self) -> list[str]:
        """The ids of all parties."""
        return [str(party.id) for party in await self.parties()]

    async def agreements(self) -> list[Agreement]:
        """Its agreements, void ones too."""
        rows = select(Agreement).where(Agreement.dispute_id == self.id).order_by(Agreement.reached_at)

        async def work(session: AsyncSession) -> list[Agreement]:
            return list(await session.scalars(rows))

        return await self.database.read(work)

    async def history(self) -> list[History]:
        """What was done to it."""
        rows = select(History).where(History.aggregate_id == self.id).order_by(History.version)

        async def work(session: AsyncSession) -> list[History]:
            return list(await session.scalars(rows))

        return await self.database.read(work)

    async def events(self) -> list[str]:
        """The verbs of what was told about it, in order."""
        sent = await outbox(self.database, TOPIC)
        return [event.type.split(".")[4] for event in sent if event.aggregate_id == self.id]

    async def last(self) -> dict[str, Any]:
        """The last thing told about it."""
        sent = await outbox(self.database, TOPIC)
        return next(event.payload for event in reversed(sent) if event.aggregate_id == self.id)

    async def classify(self, dispute_class: str = "ordinary", role: Role = Role.MEDIATOR) -> Dispute:
        """Put it into a class."""
        body = {"dispute_class": dispute_class, "dispute_type": "parking"}
        return await self.does("classify", body, role)

    async def consent(self, role: Role = Role.MEDIATOR) -> Dispute:
        """Everybody agrees to be mediated."""
        return await self.does("consents", {"party_ids": await self.everyone()}, role)

    async def sign(self, role: Role = Role.MEDIATOR) -> Dispute:
        """Everybody signs, the seal is put on."""
        body = {"party_ids": await self.everyone(), "mediator": True, "sealed": True}
        return await self.does("sign-agreement", body, role)

    async def reach(self, state: State) -> Dispute:
        """Bring a registered dispute into a state that people reach by themselves."""
        for step in _PATHS[state]:
            await getattr(self, step)()
        dispute = await self.stored()
        assert dispute.state == state
        return dispute

    async def assign(self) -> Dispute:
        """To the studio."""
        return await self.does("assign")

    async def agree(self) -> Dispute:
        """In writing."""
        return await self.does("agree", WRITTEN)

    async def refuse(self) -> Dispute:
        """The second party refuses."""
        return await self.does("refuse", {"party_id": (await self.everyone())[1], "note": "要求起诉"})

    async def fail(self) -> Dispute:
        """Too far apart."""
        return await self.does("fail", {"reason": "too-far-apart", "note": "分歧过大"})

    async def close(self) -> Dispute:
        """With the remedies told."""
        return await self.does("close", REMEDIES)

    async def withdraw(self) -> Dispute:
        """The applicant withdraws."""
        return await self.does("withdraw", {"reason": "双方已和解"})


_TO_BODY = ("classify", "assign")
_MEDIATING = (*_TO_BODY, "consent")
_PATHS: dict[State, tuple[str, ...]] = {
    State.REGISTERED: (),
    State.CLASSIFIED: ("classify",),
    State.ASSIGNED: _TO_BODY,
    State.MEDIATING: _MEDIATING,
    State.AGREED: (*_MEDIATING, "agree"),
    State.REFUSED: (*_TO_BODY, "refuse"),
    State.FAILED: (*_MEDIATING, "fail"),
    State.CLOSED: (*_TO_BODY, "refuse", "close"),
    State.WITHDRAWN: ("withdraw",),
}


class Sender:
    """Grid's side of one handover: says its steps, each delivered twice, as the bus may do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.id, self.case_id = new_id(), new_id()
        self.version = 0
        self.hears = handlers("disputes", sends={}, receives={KIND: HOOKS}, clock=clock)

    async def request(self, **overrides: Any) -> Dispute:
        """Hand the case over; answers the dispute that it became."""
        contents = Contents(
            title="停车位使用争议",
            description="固定车位被占，联系 13800001234",
            category="0305",
            place=Place(area=f"{NEIGHBOURHOOD}001", address="武宁路100弄3号501室", estate_id=new_id()),
            reporter=Person(name="王小明", phone="13800001234"),
            parties=(Person(name="李四", phone="13900001234", role="respondent"),),
            media=(MediaRef(hash="b" * 64, purpose="before"),),
            details={"party_kinds": ["tenant"]},
        )
        values: dict[str, Any] = {
            "subject_type": "case",
            "subject_id": self.case_id,
            "subject_number": "G20261123-310107005-000017",
            "area": NEIGHBOURHOOD,
            "contents": contents,
            "consent_at": self.clock.now - timedelta(hours=1),
        }
        await self.say(said.Requested, **(values | overrides))
        return await self.dispute()

    async def say(self, base: type[said.Step], **fields: Any) -> None:
        """One step, delivered twice. It replies to all that the receiver has said."""
        self.version += 1
        event = (
            CHANNELS["grid", "disputes"]
            .classes[base]
            .model_validate(
                {
                    "handover_id": self.id,
                    "kind": KIND,
                    "replies_to": fields.pop("replies_to", await self._heard()),
                    "by": "dispatcher-1",
                    "role": "dispatcher",
                    "happened_at": self.clock.now,
                    **fields,
                }
            )
        )
        delivery = delivery_of(event, self.id, self.version)
        for _ in range(2):
            await self.database.transact(lambda s: self.hears[type(event)](s, event, delivery))

    async def dispute(self) -> Dispute:
        """The dispute as it stands in the database; there is one."""
        rows = select(Dispute).where(Dispute.handover_id == self.id)
        return await self.database.read(lambda s: _only(s, rows))

    async def handover(self) -> IncomingHandover:
        """The receiver's side of the handover."""
        found = await self.database.read(lambda s: s.get(IncomingHandover, self.id))
        assert found is not None
        return found

    async def replies(self) -> list[dict[str, Any]]:
        """What the receiver has said, in order; `step` is the verb."""
        sent = await outbox(self.database, REPLIES)
        return [{"step": event.type.split(".")[4], **event.payload} for event in sent]

    async def _heard(self) -> int:
        found = await self.database.read(lambda s: s.get(IncomingHandover, self.id))
        return found.version if found else 0


async def _only(session: AsyncSession, rows: Any) -> Dispute:
    found: list[Dispute] = list(await session.scalars(rows))
    assert len(found) == 1
    return found[0]
