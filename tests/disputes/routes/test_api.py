"""Assign, escalate, route down: which body, which limit, who is asked anew."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from libs.common.clocks import end_of_local_day, local_date
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.disputes.disputes.domain import Consent, State
from tests.disputes.factories import CENTRE, COMMITTEE, MONDAY, STUDIO, Clock, as_, create_bodies, create_body
from tests.disputes.matters import DISPUTES, Desk

MONTH = timedelta(days=30)
COORDINATOR, DISTRICT = Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    await create_bodies(database)
    return Desk(client, database)


@pytest.mark.parametrize(
    ("dispute_class", "role", "body", "tier"),
    [
        ("ordinary", Role.MEDIATOR, STUDIO, "neighbourhood"),
        ("specialist", COORDINATOR, CENTRE, "township"),
        ("major", DISTRICT, COMMITTEE, "district"),
    ],
)
async def test_the_class_says_the_tier(
    desk: Desk, dispute_class: str, role: Role, body: object, tier: str
) -> None:
    await desk.register()
    await desk.classify(dispute_class)
    dispute = await desk.does("assign", {}, role)
    assert (dispute.state, dispute.body_id, dispute.tier) == ("assigned", body, tier)
    assert (dispute.accepted_at, dispute.round) == (MONDAY, 1)
    assert dispute.due_at == end_of_local_day(local_date(MONDAY) + MONTH)
    assert (await desk.last())["body_id"] == str(body)


async def test_another_tier_or_body(desk: Desk, database: Database) -> None:
    await desk.register()
    await desk.classify("ordinary")
    up = {"body_id": str(CENTRE)}
    assert await desk.refused("assign", up) == "422 dispute-tier-reason-missing"
    assert await desk.refused("assign", up | {"reason": "当事人要求"}) == "403 dispute-not-your-body"
    district = {"body_id": str(COMMITTEE)}
    assert await desk.refused("assign", district, DISTRICT) == "422 dispute-stays-in-town"
    assert await desk.refused("assign", {"body_id": str(new_id())}, COORDINATOR) == "422 body-unknown"
    far = await create_body(database, code="310107006001.studio", area="310107006001")
    assert await desk.refused("assign", {"body_id": str(far.id)}, COORDINATOR) == "422 dispute-body-elsewhere"
    reasoned = up | {"reason": "当事人要求由街镇调解", "mediator": "mediator-7"}
    dispute = await desk.does("assign", reasoned, COORDINATOR)
    assert (dispute.body_id, dispute.tier, dispute.mediator) == (CENTRE, "township", "mediator-7")


async def test_given_to_another_body_before_anyone_was_asked_the_limit_runs_on(
    desk: Desk, clock: Clock
) -> None:
    await desk.register()
    first = await desk.reach(State.ASSIGNED)
    clock.tick(timedelta(days=3))
    told = {"body_id": str(CENTRE), "reason": "工作室暂无调解员"}
    second = await desk.does("assign", told, COORDINATOR)
    assert (second.body_id, second.due_at, second.round) == (CENTRE, first.due_at, 2)
    assert second.body_ids == [STUDIO, CENTRE]


async def test_escalated_it_is_accepted_anew(desk: Desk, clock: Clock) -> None:
    await desk.register()
    await desk.reach(State.FAILED)
    clock.tick(timedelta(days=20))
    dispute = await desk.does("escalate", {"reason": "分歧过大"})
    assert (dispute.state, dispute.tier, dispute.body_id) == ("assigned", "township", CENTRE)
    assert (dispute.accepted_at, dispute.round, dispute.registered_at) == (clock.now, 2, MONDAY)
    assert dispute.due_at == end_of_local_day(local_date(clock.now) + MONTH)
    assert (dispute.fail_reason, dispute.mediator, dispute.decided_at) == (None, None, None)
    assert {party.consent for party in await desk.parties()} == {Consent.PENDING}
    told = await desk.last()
    assert (told["former_tier"], told["former_body_id"]) == ("neighbourhood", str(STUDIO))
    assert told["acceptances"] == 2


async def test_an_ordinary_one_goes_to_the_district_with_a_reason(desk: Desk) -> None:
    await desk.register()
    await desk.reach(State.REFUSED)
    await desk.does("escalate", {}, COORDINATOR)
    assert await desk.refused("escalate", {}, COORDINATOR) == "422 dispute-stays-in-town"
    dispute = await desk.does("escalate", {"reason": "涉及多个街镇"}, COORDINATOR)
    assert (dispute.tier, dispute.body_id) == ("district", COMMITTEE)
    assert await desk.refused("escalate", {}, COORDINATOR) == "403 dispute-not-yours"


async def test_above_the_district_and_below_the_neighbourhood_there_is_nothing(desk: Desk) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    assert await desk.refused("route-down", {}, COORDINATOR) == "409 dispute-no-tier-there"
    await desk.does("escalate")
    await desk.does("escalate", {"reason": "疑难"}, COORDINATOR)
    at_district = {"body_id": COMMITTEE, "areas": ["310107"]}
    assert await desk.refused("escalate", {}, Role.MEDIATOR, **at_district) == "409 dispute-no-tier-there"


async def test_routed_down(desk: Desk) -> None:
    await desk.register()
    await desk.classify("major")
    await desk.does("assign", {}, DISTRICT)
    down = await desk.does("route-down", {"reason": "宜由街镇先行调解"}, DISTRICT)
    assert (down.state, down.tier, down.body_id, down.round) == ("assigned", "township", CENTRE, 2)
    assert await desk.refused("route-down", {}, DISTRICT) == "403 dispute-not-yours"
    further = await desk.does("route-down", {}, COORDINATOR)
    assert (further.tier, further.body_id) == ("neighbourhood", STUDIO)
    assert (await desk.events())[-2:] == ["routed-down", "routed-down"]


async def test_a_body_must_be_of_the_next_tier(desk: Desk) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    leap = {"body_id": str(COMMITTEE), "reason": "越级"}
    assert await desk.refused("escalate", leap) == "422 dispute-body-elsewhere"


async def test_a_mediator_may_not_route_down(desk: Desk, client: httpx.AsyncClient) -> None:
    await desk.register()
    headers = as_(Role.MEDIATOR, version=1)
    answer = await client.post(f"{DISPUTES}/{desk.id}/route-down", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
