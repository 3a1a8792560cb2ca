"""A dispute over its handover: every step of the sender is delivered twice and acts once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.contracts.handover import WHOLE, MediaRef
from libs.common.db import Database
from libs.common.handover.domain import State as HandoverState
from libs.common.media.models import MediaLink
from services.disputes.disputes.domain import State
from tests.disputes.factories import MONDAY, NEIGHBOURHOOD, Clock, create_bodies
from tests.disputes.matters import Desk, Sender


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    await create_bodies(database)
    return Desk(client, database)


@pytest.fixture
async def sender(desk: Desk, database: Database, clock: Clock) -> Sender:
    made = Sender(database, clock)
    await desk.take((await made.request()).id)
    return made


async def photos(database: Database) -> set[str]:
    async def work(session: AsyncSession) -> set[str]:
        return set(await session.scalars(select(MediaLink.hash)))

    return await database.read(work)


async def test_a_case_becomes_a_dispute_with_its_parties_and_photos(
    desk: Desk, sender: Sender, database: Database
) -> None:
    dispute = await desk.stored()
    assert (dispute.state, dispute.channel, dispute.version) == ("registered", "grid", 1)
    assert (dispute.area, dispute.subject_type, dispute.subject_id) == (
        f"{NEIGHBOURHOOD}001",
        "case",
        sender.case_id,
    )
    assert dispute.estate_id is not None
    assert (dispute.title, dispute.address) == ("停车位使用争议", "武宁路100弄3号501室")
    assert [(p.name, p.role, p.kind) for p in await desk.parties()] == [
        ("王小明", "applicant", "other"),
        ("李四", "respondent", "tenant"),
    ]
    assert (await desk.parties())[0].named_at is not None
    assert await photos(database) == {"b" * 64}
    assert await desk.events() == ["registered"]
    assert "王小明" not in str(await desk.last())
    assert await sender.replies() == []


async def test_signed_when_classified(desk: Desk, sender: Sender) -> None:
    await desk.classify()
    assert (await sender.handover()).state == HandoverState.SIGNED
    assert [reply["step"] for reply in await sender.replies()] == ["signed"]


async def test_progress_reaches_the_sender(desk: Desk, sender: Sender) -> None:
    await desk.reach(State.MEDIATING)
    await desk.does("progress", {"note": "已约双方周五到场", "interim": True})
    last = (await sender.replies())[-1]
    assert (last["step"], last["note"], last["interim"]) == ("progressed", "已约双方周五到场", True)


async def test_supplemented_and_urged_by_the_sender(desk: Desk, sender: Sender, database: Database) -> None:
    await sender.say(said.Supplemented, note="补充照片", media=(MediaRef(hash="c" * 64),))
    await sender.say(said.Urged, note="居民再次来电", urges=1)
    dispute = await desk.stored()
    assert (dispute.urges, dispute.urged_at, dispute.version) == (1, MONDAY, 3)
    assert await desk.events() == ["registered", "supplemented", "urged"]
    assert await photos(database) == {"b" * 64, "c" * 64}


async def test_a_supplement_that_crosses_the_closing_is_still_told(desk: Desk, sender: Sender) -> None:
    await desk.reach(State.CLOSED)
    await sender.say(said.Supplemented, note="又来电", replies_to=0)
    assert (await desk.events())[-1] == "supplemented"
    assert (await desk.stored()).state == State.CLOSED


async def test_returned_before_it_is_classified(desk: Desk, sender: Sender) -> None:
    dispute = await desk.does("return", {"reason": "no-property-dispute", "note": "系借款纠纷"})
    assert (dispute.state, dispute.return_reason) == ("returning", "no-property-dispute")
    (reply,) = await sender.replies()
    assert (reply["step"], reply["note"]) == ("return-asked", "no-property-dispute: 系借款纠纷")
    assert (await desk.last())["reason_code"] == "no-property-dispute"
    await sender.say(said.TakenBack, note="另行派遣")
    after = await desk.stored()
    assert (after.state, after.ended_at, after.outcome) == ("returned", MONDAY, None)
    assert (await desk.events()).count("taken-back") == 1


async def test_what_nobody_handed_over_goes_back_to_nobody(desk: Desk) -> None:
    await desk.register()
    body = {"reason": "other", "note": "其他"}
    assert await desk.refused("return", body) == "409 dispute-not-handed-over"


async def test_withdrawn_by_the_sender_it_goes_on_as_the_parties_own(desk: Desk, sender: Sender) -> None:
    await desk.reach(State.MEDIATING)
    await sender.say(said.Withdrawn, note="案件已解决")
    dispute = await desk.stored()
    assert (dispute.state, dispute.sender_withdrawn_at, dispute.ended_at) == ("mediating", MONDAY, None)
    assert (await desk.events())[-1] == "sender-withdrew"
    await desk.does("progress", {"note": "继续调解"})
    await desk.agree()
    await desk.sign()
    closed = await desk.does("close")
    assert (closed.state, closed.outcome) == ("closed", "agreement")
    assert [reply["step"] for reply in await sender.replies()] == ["signed"]


async def test_withdrawn_while_a_return_is_asked_it_goes_on(desk: Desk, sender: Sender) -> None:
    await desk.does("return", {"reason": "incomplete", "note": "缺联系方式"})
    await sender.say(said.Withdrawn, note="撤回")
    dispute = await desk.stored()
    assert (dispute.state, dispute.return_reason) == ("registered", None)
    assert await desk.refused("return", {"reason": "other", "note": "x"}) == "409 dispute-not-handed-over"
    assert (await desk.withdraw()).state == State.WITHDRAWN


async def test_accepted_by_the_sender_nothing_more_happens(desk: Desk, sender: Sender) -> None:
    await desk.reach(State.CLOSED)
    before = await desk.stored()
    await sender.say(said.Accepted, on_time=None)
    assert (await sender.handover()).state == HandoverState.ACCEPTED
    assert (await desk.stored()).version == before.version


def whole(sender: Sender, handover: Any, **overrides: Any) -> dict[str, Any]:
    """The restatement's columns, as the sender's row would give them."""
    return {name: getattr(handover, name) for name in WHOLE} | overrides


async def test_a_lost_dispute_is_made_anew_from_what_the_sender_says(
    database: Database, clock: Clock, desk: Desk, sender: Sender
) -> None:
    told = whole(sender, await sender.handover())
    lost = Sender(database, clock)
    lost.case_id = sender.case_id
    await lost.say(said.Restated, **told)
    dispute = await lost.dispute()
    assert (dispute.state, dispute.channel, dispute.title) == ("registered", "grid", "停车位使用争议")


async def test_realigned_where_the_sender_knows_more(desk: Desk, sender: Sender) -> None:
    told = whole(sender, await sender.handover())
    await sender.say(said.Restated, **told)
    assert await desk.events() == ["registered"]
    withdrawn = told | {"state": "withdrawn", "ended_at": MONDAY}
    await sender.say(said.Restated, **withdrawn)
    dispute = await desk.stored()
    assert (dispute.state, dispute.sender_withdrawn_at) == ("registered", MONDAY)
    assert (await desk.events())[-1] == "realigned"


async def test_closed_where_the_sender_knows_the_answer(desk: Desk, sender: Sender) -> None:
    await desk.reach(State.MEDIATING)
    told = whole(sender, await sender.handover())
    answer = {"result": "agreement", "body": "某工作室"}
    ended = {"state": "accepted", "answered_at": MONDAY, "answer": answer, "ended_at": MONDAY}
    await sender.say(said.Restated, **(told | ended))
    dispute = await desk.stored()
    assert (dispute.state, dispute.outcome, dispute.ended_at) == ("closed", "agreement", MONDAY)
