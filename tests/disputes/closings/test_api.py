"""A dispute ends with its result, and its sender is answered without a word of the terms."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from libs.common.db import Database
from libs.common.handover.domain import State as HandoverState
from services.disputes.disputes.domain import State
from tests.disputes.factories import MONDAY, Clock, create_bodies
from tests.disputes.matters import REMEDIES, Desk, Sender


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    await create_bodies(database)
    return Desk(client, database)


async def test_an_agreement_closes_once_in_effect(desk: Desk, clock: Clock) -> None:
    await desk.register()
    await desk.reach(State.AGREED)
    assert await desk.refused("close") == "409 dispute-agreement-not-in-effect"
    await desk.sign()
    clock.tick(timedelta(days=2))
    dispute = await desk.does("close", {"note": "已履行"})
    assert (dispute.state, dispute.outcome, dispute.remedies) == ("closed", "agreement", [])
    assert (dispute.ended_at, dispute.on_time) == (clock.now, True)
    last = await desk.last()
    assert (last["outcome"], last["remedies"], last["on_time"]) == ("agreement", [], True)


@pytest.mark.parametrize("state", [State.REFUSED, State.FAILED])
async def test_a_refusal_or_failure_closes_with_arbitration_and_court_told(desk: Desk, state: State) -> None:
    await desk.register()
    await desk.reach(state)
    assert await desk.refused("close", {"remedies": ["court"]}) == "422 dispute-remedies-missing"
    dispute = await desk.does("close", REMEDIES)
    assert (dispute.outcome, dispute.remedies) == (str(state), ["arbitration", "court"])
    assert (await desk.last())["remedies"] == ["arbitration", "court"]


@pytest.mark.parametrize("state", [State.AGREED, State.REFUSED, State.FAILED, State.WITHDRAWN])
async def test_the_sender_is_answered_with_result_body_and_remedies(
    desk: Desk, database: Database, clock: Clock, state: State
) -> None:
    sender = Sender(database, clock)
    await desk.take((await sender.request()).id)
    await desk.reach(state)
    if state is State.AGREED:
        await desk.sign()
    if state is not State.WITHDRAWN:
        await desk.does("close", REMEDIES if state is not State.AGREED else {})
    assert (await sender.handover()).state == HandoverState.ANSWERED
    signed, answered = await sender.replies()
    assert (signed["step"], answered["step"]) == ("signed", "answered")
    outcome = answered["outcome"]
    agreed, early = state is State.AGREED, state is State.WITHDRAWN
    assert outcome["result"] == ("agreement" if agreed else state)
    assert outcome["body"] == (None if early else "源园居委会物业纠纷调解工作室")
    assert outcome["remedies"] == ([] if agreed or early else ["arbitration", "court"])
    assert (outcome["summary"], outcome["media"]) == ("", [])
    assert (await desk.stored()).ended_at == MONDAY
