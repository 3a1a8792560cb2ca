"""Register, settle on the spot, classify, supplement, urge, withdraw."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.media.models import MediaLink
from libs.common.policy import Role
from services.disputes.disputes.domain import Consent, Outcome, State
from tests.disputes.factories import (
    MONDAY,
    NEIGHBOURHOOD,
    STUDIO,
    as_,
    create_bodies,
    create_unit,
    upload,
)
from tests.disputes.matters import DISPUTES, V1, Desk, registration, settlement


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    await create_bodies(database)
    return Desk(client, database)


async def photos(database: Database, desk: Desk) -> list[str]:
    async def work(session: AsyncSession) -> list[str]:
        rows = select(MediaLink.hash).where(
            MediaLink.record_id == desk.id, MediaLink.record_type == "dispute"
        )
        return list(await session.scalars(rows))

    return await database.read(work)


async def test_a_dispute_is_registered_with_its_parties(desk: Desk, database: Database) -> None:
    name = await upload(database, "mediator-1")
    firm = await create_unit(database)
    parties = [
        {"name": "张三", "role": "applicant", "kind": "owner", "phone": "138 1234 1234"},
        {"name": "某某物业", "role": "respondent", "kind": "firm", "unit_id": str(firm)},
    ]
    dispute = await desk.register(parties=parties, photos=[name])
    assert (dispute.state, dispute.channel, dispute.area) == ("registered", "application", NEIGHBOURHOOD)
    assert (dispute.body_id, dispute.due_at, dispute.version) == (None, None, 1)
    assert dispute.number.startswith("D20261123-310107005-")
    stored = await desk.parties()
    assert [(p.position, p.role, p.kind, p.phone, p.unit_id, p.consent) for p in stored] == [
        (1, "applicant", "owner", "13812341234", None, Consent.PENDING),
        (2, "respondent", "firm", None, firm, Consent.PENDING),
    ]
    assert await photos(database, desk) == [name]
    assert await desk.events() == ["registered"]
    assert (await desk.last())["due_at"] is None


async def test_the_same_registration_again_finds_the_first(desk: Desk, client: httpx.AsyncClient) -> None:
    answers = [
        await client.put(f"{DISPUTES}/{desk.id}", json=registration(), headers=as_(Role.MEDIATOR))
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    other = await client.put(
        f"{DISPUTES}/{desk.id}", json=registration(title="另一件"), headers=as_(Role.MEDIATOR)
    )
    assert (other.status_code, other.json()["code"]) == (409, "dispute-exists")
    assert await desk.events() == ["registered"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (registration(area="310107006001"), "403 dispute-outside-your-area"),
        (registration(channel="grid"), "422 content-invalid"),
        (
            registration(parties=[{"name": n, "role": "respondent", "kind": "owner"} for n in "张李"]),
            "422 dispute-parties-missing",
        ),
        (
            registration(
                parties=[
                    {"name": "张", "role": "applicant", "kind": "owner"},
                    {"name": "某", "role": "respondent", "kind": "firm", "unit_id": str(new_id())},
                ]
            ),
            "422 unit-unknown",
        ),
        (registration(photos=["c" * 64]), "422 media-unknown"),
    ],
)
async def test_what_is_not_registered(
    desk: Desk, client: httpx.AsyncClient, body: dict[str, object], said: str
) -> None:
    answer = await client.put(f"{DISPUTES}/{desk.id}", json=body, headers=as_(Role.MEDIATOR))
    assert f"{answer.status_code} {answer.json()['code']}" == said
    assert await desk.events() == []


async def test_two_at_once_with_one_id_make_one_dispute(desk: Desk, client: httpx.AsyncClient) -> None:
    puts = [
        client.put(f"{DISPUTES}/{desk.id}", json=registration(), headers=as_(Role.MEDIATOR)) for _ in range(2)
    ]
    answers = await asyncio.gather(*puts)
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert await desk.events() == ["registered"]


async def test_settled_on_the_spot_is_one_step(desk: Desk, client: httpx.AsyncClient) -> None:
    headers = as_(Role.MEDIATOR)
    answers = [
        await client.put(f"{V1}/settlements/{desk.id}", json=settlement(), headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    dispute = await desk.stored()
    assert (dispute.state, dispute.outcome, dispute.settled) == (State.CLOSED, Outcome.AGREEMENT, True)
    assert (dispute.dispute_class, dispute.body_id, dispute.tier) == ("ordinary", STUDIO, "neighbourhood")
    assert (dispute.ended_at, dispute.on_time, dispute.mediator) == (MONDAY, True, "mediator-1")
    (agreement,) = await desk.agreements()
    assert (agreement.form, agreement.performed_on_spot, agreement.effective_at) == ("oral", True, MONDAY)
    assert agreement.number.endswith("字第0001号")
    assert {party.consent for party in await desk.parties()} == {"given"}
    assert await desk.events() == ["settled"]


async def test_only_a_mediator_of_the_place_settles(desk: Desk, client: httpx.AsyncClient) -> None:
    for body_id in (None, new_id()):
        headers = as_(Role.MEDIATOR, body_id=body_id)
        answer = await client.put(f"{V1}/settlements/{desk.id}", json=settlement(), headers=headers)
        assert answer.status_code == (403 if body_id is None else 422), answer.text
    elsewhere = as_(Role.MEDIATOR, areas=["310107"])
    answer = await client.put(
        f"{V1}/settlements/{desk.id}", json=settlement(area="310107006001"), headers=elsewhere
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "dispute-no-body")
    assert await desk.events() == []


async def test_classified_with_the_version_of_the_type(desk: Desk) -> None:
    await desk.register()
    dispute = await desk.classify("specialist")
    assert (dispute.state, dispute.dispute_class, dispute.type_code) == (
        "classified",
        "specialist",
        "parking",
    )
    assert dispute.type_id is not None
    assert (await desk.last())["dispute_class"] == "specialist"


async def test_an_unknown_type_is_refused(desk: Desk) -> None:
    await desk.register()
    body = {"dispute_class": "ordinary", "dispute_type": "no-such-type"}
    assert await desk.refused("classify", body) == "422 dispute-type-unknown"


async def test_classified_again_by_a_coordinator_with_a_reason(desk: Desk) -> None:
    await desk.register()
    await desk.reach(State.MEDIATING)
    body = {"dispute_class": "major", "dispute_type": "parking", "reason": "涉及三十户"}
    assert await desk.refused("classify", body) == "403 not-permitted"
    bare = {"dispute_class": "major", "dispute_type": "parking"}
    coordinator = Role.CENTRE_COORDINATOR
    assert await desk.refused("classify", bare, coordinator) == "422 dispute-reason-missing"
    dispute = await desk.does("classify", body, coordinator)
    assert (dispute.state, dispute.dispute_class, dispute.body_id) == ("mediating", "major", STUDIO)
    assert (await desk.last())["former_class"] == "ordinary"
    assert await desk.refused("classify", body, coordinator) == "409 dispute-class-unchanged"


async def test_supplemented_and_urged(desk: Desk, database: Database) -> None:
    await desk.register()
    name = await upload(database, "mediator-1")
    await desk.does("supplement", {"note": "补交车位租赁合同", "photos": [name]})
    dispute = await desk.does("urge", {"note": "请尽快分派"}, Role.CENTRE_COORDINATOR)
    assert (dispute.urges, dispute.urged_at, dispute.state) == (1, MONDAY, "registered")
    assert await desk.events() == ["registered", "supplemented", "urged"]
    assert (await desk.last())["urged_count"] == 1
    assert [step.note for step in await desk.history()] == [None, "补交车位租赁合同", "请尽快分派"]
    assert await photos(database, desk) == [name]


@pytest.mark.parametrize("state", [State.REGISTERED, State.ASSIGNED, State.MEDIATING, State.FAILED])
async def test_the_applicant_withdraws(desk: Desk, state: State) -> None:
    await desk.register()
    await desk.reach(state)
    dispute = await desk.withdraw()
    assert (dispute.state, dispute.outcome, dispute.ended_at) == ("withdrawn", "withdrawn", MONDAY)
    assert (await desk.events())[-1] == "withdrawn"


async def test_another_body_has_no_say(desk: Desk) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    stranger = new_id()
    assert await desk.refused("withdraw", {"reason": "和解"}, body_id=stranger, subject="mediator-9") == (
        "404 dispute-not-found"
    )
    await desk.does("escalate")
    assert await desk.refused("withdraw", {"reason": "和解"}) == "403 dispute-not-yours"


async def test_a_step_on_what_has_changed_since_is_stale(desk: Desk) -> None:
    await desk.register()
    await desk.classify()
    assert await desk.refused("assign", {}, version=1) == "412 stale-version"
