"""Disputes 纠纷: handed over by the grid or registered at the studio, up to the town's centre, to an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from libs.common.ids import new_id
from libs.common.policy import Role
from services.demo.book import Story
from services.demo.cases import Case
from services.demo.client import awaited
from services.demo.day import Day, Place
from services.demo.hotline import order
from services.demo.people import Person

TITLE = "物业纠纷 Disputes"
EACH = 6
DISPUTES = "/disputes/v1/disputes"
TYPE = "parking"
PARTIES = (
    {"name": "演示业主", "role": "applicant", "kind": "owner", "phone": "13800000001"},
    {"name": "演示物业公司", "role": "respondent", "kind": "firm", "phone": "13800000002"},
)
TERMS = "每日18时至次日8时由申请人使用该车位，其余时段由被申请人调配（演示）"
REMEDIES = ["arbitration", "court"]
PERFORMED = timedelta(days=30)


class Dispute:
    """One dispute and the people of its studio and of its town's centre."""

    def __init__(self, day: Day, story: Story, place: Place, dispute_id: str = "") -> None:
        self.day, self.story, self.place = day, story, place
        self.id = dispute_id or str(new_id())
        self.path = f"{DISPUTES}/{self.id}"
        self.coordinator = day.people.one(Role.CENTRE_COORDINATOR, place.town)

    async def mediator(self, tier: str) -> Person:
        """The mediator of the studio of the neighbourhood, or of the centre of the town."""
        area = self.place.code if tier == "neighbourhood" else self.place.town
        bodies = (await self.day.anyone.get("/disputes/v1/bodies", area=area, tier=tier))["items"]
        found = next((body for body in bodies if body["area"] == area), None)
        if found is None:
            raise LookupError(f"no mediation body of tier {tier} in {area}")
        return self.day.people.one(Role.MEDIATOR, area, body_id=found["id"])

    async def register(self, by: Person, **more: Any) -> None:
        """The owner comes to the studio; `more` is what was settled on the spot."""
        body = {
            "title": "停车位使用争议（演示）",
            "description": "固定车位被长期占用，双方多次争执（演示）",
            "area": self.place.code,
            "parties": list(PARTIES),
            **more,
        }
        way = "settlements" if more else "disputes"
        await by.put(f"/disputes/v1/{way}/{self.id}", body)
        self.noted("现场调结 settled on the spot" if more else "登记 registered")
        self.expected()

    def expected(self) -> None:
        """It has to be there at the end of the day."""
        self.day.book.expect("登记纠纷 disputes registered", self.coordinator, self.path)

    async def classify(self) -> None:
        """Ordinary, and given to the studio, where an ordinary dispute begins."""
        given = {"dispute_class": "ordinary", "dispute_type": TYPE}
        await self._step(self.coordinator, "classify", "分类 classified", **given)
        await self._step(self.coordinator, "assign", "分派 assigned")

    async def consent(self, by: Person) -> None:
        """Every party agrees to be mediated."""
        ids = await self._parties(by)
        await self._step(by, "consents", "各方同意 consented", party_ids=ids, note="电话征询（演示）")

    async def refuse(self, by: Person) -> None:
        """One party clearly refuses."""
        respondent = (await self._parties(by))[-1]
        note = "明确表示不同意调解（演示）"
        await self._step(by, "refuse", "拒绝调解 refused", party_id=respondent, note=note)

    async def hold_session(self, by: Person) -> None:
        """A session is held."""
        told = {"held_at": datetime.now(UTC).isoformat(), "place": "调解室", "note": "双方各陈述意见（演示）"}
        await self._step(by, "sessions", "调解 session", **told)

    async def escalate(self, by: Person) -> None:
        """The studio cannot solve it: up to the town's centre, whose mediator goes on."""
        fail = {"reason": "too-far-apart", "note": "双方分歧较大（演示）"}
        await self._step(by, "fail", "调解不成 failed", **fail)
        await self._step(by, "escalate", "上交联合中心 escalated", reason="提请街镇联合中心调解（演示）")

    async def agree(self, by: Person) -> None:
        """A written agreement: signed by all, sealed, in effect; closed with it."""
        until = datetime.now(UTC).date() + PERFORMED
        told = {"form": "written", "terms": TERMS, "performance": "自行履行", "perform_by": until.isoformat()}
        await self._step(by, "agree", "达成协议 agreed", **told)
        signed = {"party_ids": await self._parties(by), "mediator": True, "sealed": True}
        await self._step(by, "sign-agreement", "签署盖章 signed and sealed", **signed)
        await self.close(by, "agreement")

    async def close(self, by: Person, outcome: str) -> None:
        """Closed; without an agreement the parties are told of arbitration and court."""
        remedies = [] if outcome == "agreement" else REMEDIES
        await self._step(by, "close", "办结 closed", remedies=remedies)
        what = "达成协议 agreements" if outcome == "agreement" else "告知救济途径 remedies told"

        def ended(told: Any) -> bool:
            return (told["state"], told["outcome"]) == ("closed", outcome)

        self.day.book.expect(what, self.coordinator, self.path, ended)

    def noted(self, what: str) -> None:
        """Something happened in disputes."""
        self.story.noted("disputes", what)

    async def _parties(self, by: Person) -> list[str]:
        return [party["id"] for party in (await by.get(self.path))["parties"]]

    async def _step(self, by: Person, verb: str, what: str, **body: Any) -> None:
        await by.step(self.path, verb, **body)
        self.noted(what)


async def journey(day: Day, story: Story, number: int) -> None:
    """Of six, three come from the hotline by way of the grid, two to the door, one is settled there."""
    place, kind = day.place(number), number % EACH
    if kind in (0, 1, 2):
        await _from_the_grid(day, story, number)
        return
    dispute = Dispute(day, story, place)
    studio = await dispute.mediator("neighbourhood")
    if kind == 5:
        settled = {"dispute_type": TYPE, "terms": "当场移车（演示）", "performance": "当场履行"}
        await dispute.register(studio, **settled)
        return
    await dispute.register(studio)
    await dispute.classify()
    await _mediated(dispute, refused=False, escalated=kind == 4)


async def _from_the_grid(day: Day, story: Story, number: int) -> None:
    """A hotline order that is a property dispute: handed over with its parties, its end read in the case."""
    case = Case(day, story, day.place(number), number)
    await order(case)
    await case.verify(confirmed=True)
    await case.accept()
    await case.file()
    await case.convert(PARTIES)
    dispute = await _arrived(day, story, case)
    await dispute.classify()
    refused = number % EACH == 1
    await _mediated(dispute, refused=refused, escalated=number % EACH == 0)
    await case.until("closed")
    case.noted("转办件办结 closed by the dispute's end")
    outcome = "explained" if refused else "solved"
    day.book.expect(
        "纠纷案件结案 disputed cases closed",
        case.dispatcher,
        case.path,
        lambda told: (told["state"], told["outcome"]) == ("closed", outcome),
    )


async def _mediated(dispute: Dispute, *, refused: bool, escalated: bool) -> None:
    """Asked, heard, and brought to an end in the studio or in the centre."""
    mediator = await dispute.mediator("neighbourhood")
    if refused:
        await dispute.refuse(mediator)
        await dispute.close(mediator, "refused")
        return
    await dispute.consent(mediator)
    await dispute.hold_session(mediator)
    if escalated:
        await dispute.escalate(mediator)
        mediator = await dispute.mediator("township")
        await dispute.consent(mediator)
        await dispute.hold_session(mediator)
    await dispute.agree(mediator)


async def _arrived(day: Day, story: Story, case: Case) -> Dispute:
    """Wait until the case has arrived at the town's centre."""
    coordinator = day.people.one(Role.CENTRE_COORDINATOR, case.place.town)

    async def look() -> str | None:
        rows = (await coordinator.get(DISPUTES, area=case.place.code, limit=100))["items"]
        return next((row["id"] for row in rows if row["subject_id"] == case.id), None)

    dispute = Dispute(day, story, case.place, await awaited(f"dispute of case {case.id}", look))
    dispute.noted("移交登记 registered by handover")
    dispute.expected()
    return dispute
