"""The record: scopes of lists, numbers under a lock, restatements."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.http.paging import Paging
from libs.common.ids import new_id
from libs.common.media.links import Record
from libs.common.policy import Principal, Role
from services.disputes.bodies.domain import Tier
from services.disputes.disputes import service
from services.disputes.disputes.domain import State
from services.disputes.disputes.service import DisputeFilter, Show
from services.disputes.main import may_read
from tests.disputes.factories import (
    CENTRE,
    DISTRICT,
    MONDAY,
    NEIGHBOURHOOD,
    STUDIO,
    TOWN,
    create_bodies,
    outbox,
)
from tests.disputes.matters import TOPIC, Desk

ESTATE = UUID("018f0000-0000-7000-8000-000000000001")


def viewer(
    role: Role,
    areas: Sequence[str] = (),
    body: UUID | None = None,
    estates: Sequence[UUID] = (),
    until: datetime | None = None,
) -> Principal:
    return Principal(
        "somebody", "x", frozenset({role}), tuple(areas), body_id=body, estates=tuple(estates), until=until
    )


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    await create_bodies(database)
    return Desk(client, database)


async def listed(database: Database, who: Principal, narrow: DisputeFilter | None = None) -> list[UUID]:
    async def work(session: AsyncSession) -> list[UUID]:
        wanted = narrow or DisputeFilter()
        found = await service.list_disputes(session, wanted, who, Paging(10, None, True), MONDAY)
        by_due = await service.list_by_due(session, wanted, who, Paging(10, None, True), MONDAY)
        assert {each.id for each in found.items} == {each.id for each in by_due.items}
        assert found.total == by_due.total == len(found.items)
        for each in found.items:
            assert await service.may_read(session, each.id, who, MONDAY)
        return [each.id for each in found.items]

    return await database.read(work)


SEEN = [
    (viewer(Role.MEDIATOR, [NEIGHBOURHOOD], STUDIO), True, True),
    (viewer(Role.MEDIATOR, [NEIGHBOURHOOD], CENTRE), True, False),
    (viewer(Role.MEDIATOR, ["310107006001"], new_id()), False, False),
    (viewer(Role.CENTRE_COORDINATOR, [TOWN]), True, True),
    (viewer(Role.CENTRE_COORDINATOR, ["310107006"]), False, False),
    (viewer(Role.DISTRICT_MEDIATION, [DISTRICT]), True, True),
    (viewer(Role.LEADER, ["31"]), True, True),
    (viewer(Role.COMMITTEE_MEMBER, ["31"], None, [ESTATE], MONDAY + timedelta(days=1)), True, True),
    (viewer(Role.COMMITTEE_MEMBER, ["31"], None, [ESTATE], MONDAY), False, False),
    (viewer(Role.COMMITTEE_MEMBER, ["31"], None, [new_id()], MONDAY + timedelta(days=1)), False, False),
    (viewer(Role.UNIT_CLERK, ["31"]), False, False),
]


async def test_who_sees_a_dispute_before_and_after_a_body_has_it(desk: Desk, database: Database) -> None:
    await desk.register(estate_id=str(ESTATE))
    seen = [bool(await listed(database, who)) for who, _, _ in SEEN]
    assert seen == [before for _, before, _ in SEEN]
    await desk.reach(State.ASSIGNED)
    seen = [bool(await listed(database, who)) for who, _, _ in SEEN]
    assert seen == [after for _, _, after in SEEN]


async def test_a_body_that_had_it_goes_on_reading(desk: Desk, database: Database) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    await desk.does("escalate")
    studio = viewer(Role.MEDIATOR, [NEIGHBOURHOOD], STUDIO)
    assert await listed(database, studio) == [desk.id]
    assert await listed(database, studio, DisputeFilter(Show.MINE)) == []


@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        (DisputeFilter(Show.OPEN), True),
        (DisputeFilter(Show.OVERDUE), False),
        (DisputeFilter(Show.MINE), True),
        (DisputeFilter(state=State.ASSIGNED), True),
        (DisputeFilter(state=State.CLOSED), False),
        (DisputeFilter(dispute_class="ordinary", dispute_type="parking", tier=Tier.NEIGHBOURHOOD), True),
        (DisputeFilter(dispute_class="major"), False),
        (DisputeFilter(area=TOWN, body_id=STUDIO), True),
        (DisputeFilter(area="310107006"), False),
        (DisputeFilter(estate_id=ESTATE), False),
        (DisputeFilter(words="停车位"), True),
        (DisputeFilter(words="漏水"), False),
    ],
)
async def test_lists_are_narrowed(desk: Desk, database: Database, narrow: DisputeFilter, found: bool) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    who = viewer(Role.MEDIATOR, [NEIGHBOURHOOD], STUDIO)
    assert bool(await listed(database, who, narrow)) is found


async def test_numbers_of_a_committee_follow_each_other_without_gaps(database: Database) -> None:
    made = await create_bodies(database)
    body = made[Tier.NEIGHBOURHOOD]

    async def one() -> str:
        return await database.transact(lambda s: service.number_agreement(s, body, MONDAY))

    async def lost() -> None:
        async def work(session: AsyncSession) -> None:
            await service.number_agreement(session, body, MONDAY)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await database.transact(work)

    await lost()
    numbers = sorted(await asyncio.gather(*(one() for _ in range(4))))
    assert [number[-5:-1] for number in numbers] == ["0001", "0002", "0003", "0004"]
    new_year = MONDAY + timedelta(days=60)
    following = await database.transact(lambda s: service.number_agreement(s, body, new_year))
    assert following.startswith("（2027）")
    assert following.endswith("0001号")
    other = made[Tier.DISTRICT]
    theirs = await database.transact(lambda s: service.number_agreement(s, other, MONDAY))
    assert theirs.endswith("0001号")


async def test_disputes_are_restated_with_their_version(desk: Desk, database: Database) -> None:
    await desk.register()
    before = await desk.classify()
    last = await database.transact(lambda s: service.restate_disputes(s, 10, None))
    assert last is None
    said = (await outbox(database, TOPIC))[-1]
    assert said.type == "cn.jiayuan.disputes.dispute.restated.v1"
    assert (said.version, said.payload["status"]) == (before.version, "classified")
    assert await database.transact(lambda s: service.restate_disputes(s, 1, None)) == desk.id


async def test_no_event_names_anybody(desk: Desk, database: Database) -> None:
    await desk.register()
    await desk.reach(State.AGREED)
    await desk.does("progress", {"note": "张三已搬离"})
    told = str([event.payload for event in await outbox(database, TOPIC)])
    for private in ("张三", "李四", "13812341234", "武宁路", "停车位", "使用"):
        assert private not in told


async def test_evidence_is_seen_through_its_dispute(desk: Desk, database: Database) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    seen = Record("dispute", desk.id)
    studio = viewer(Role.MEDIATOR, [NEIGHBOURHOOD], STUDIO)
    stranger = viewer(Role.MEDIATOR, [NEIGHBOURHOOD], CENTRE)
    assert await database.read(lambda s: may_read(s, studio, seen, MONDAY))
    assert not await database.read(lambda s: may_read(s, stranger, seen, MONDAY))
    assert not await database.read(lambda s: may_read(s, studio, Record("body", desk.id), MONDAY))
