"""Mediation's side of the handover of a case: a hotline order that is a property dispute, and its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.contracts import handover as said
from libs.common.contracts.handover import WHOLE, Outcome
from tests.grid.factories import CHECKER, Desk, Unit

HANDED_OVER = "jiayuan.grid.handover-disputes.v1"
BODY = "南京东路街道物业纠纷调解联合中心"
REPORTER = {"name": "张三丰", "phone": "13812341234", "consent": True}
PARTIES = [
    {"name": "张三丰", "role": "applicant", "kind": "owner", "phone": "13812341234"},
    {"name": "福中物业公司", "role": "respondent", "kind": "firm"},
]
NAMES = ("张三丰", "福中物业公司", "13812341234")
"""What must cross by the handover and nowhere else."""


class Mediation(Unit):
    """The body that has the case: says its replies, each delivered twice."""

    service, kind, by, role = "disputes", "case-dispute", "mediator-1", "mediator"

    async def end(self, result: str, *remedies: str, **fields: Any) -> None:
        """It signs, if it has not, and answers."""
        if (await self.handover()).state == "requested":
            await self.sign()
        outcome = Outcome(result=result, body=BODY, remedies=remedies)
        await self.say(said.Answered, outcome=outcome, **fields)

    async def restate(self, **known: Any) -> None:
        """It says again all that it knows."""
        handover = await self.handover()
        await self.say(said.ReplyRestated, **({name: getattr(handover, name) for name in WHOLE} | known))


async def ordered(desk: Desk, channel: str = "12345", place: Any = None, **reporter: Any) -> UUID:
    """A hotline order that is verified, accepted and filed."""
    where = {"place": place} if place else {}
    case_id = await desk.report(channel=channel, reporter=REPORTER | reporter, **where)
    if channel != "leader":
        await desk.step(case_id, "request-verification", {"inspector": CHECKER})
        await desk.step(case_id, "verify", {"confirmed": True, "note": "属实"})
    await desk.step(case_id, "accept")
    await desk.step(case_id, "file", {"standard": "found"})
    return case_id


async def convert(desk: Desk, case_id: UUID, **body: Any) -> Mediation:
    """The case goes to mediation."""
    shown = await desk.step(case_id, "convert", {"parties": PARTIES} | body)
    return Mediation(desk, case_id, UUID(shown["handover_id"]))


async def in_mediation(desk: Desk, channel: str = "12345", place: Any = None) -> Mediation:
    """A hotline order that mediation has."""
    return await convert(desk, await ordered(desk, channel, place))
