"""The sweep of lights: what turns red proposes supervision once, and what comes of it is heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from libs.common.contracts import handover as said
from libs.common.contracts.handover import CHANNELS, Outcome
from libs.common.contracts.tasks import (
    SupervisionClosed,
    SupervisionIssued,
    SupervisionNotIssued,
    SupervisionRestated,
    SupervisionWithdrawn,
)
from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.handover.models import OutgoingHandover
from libs.common.ids import new_id
from libs.common.policy import Role
from services.targets.allocations.domain import Share
from services.targets.episodes.consumers import HANDLERS
from services.targets.episodes.domain import light_id
from services.targets.episodes.jobs import look_at_lights
from services.targets.episodes.models import Episode, TargetLight
from services.targets.figures.domain import Given
from services.targets.targets.domain import Responsible
from services.targets.targets.models import Target
from tests.targets.factories import (
    CITY,
    MONDAY,
    allocate,
    as_,
    create_plan,
    create_target,
    create_unit,
    delivery_of,
    expect_reports,
    outbox,
    report,
)

PUTUO, BAOSHAN = "310107", "310113"
DAY = timedelta(days=1)


@pytest.fixture
async def target(database: Database) -> Target:
    """160 estates: 100 of Putuo, 60 of Baoshan."""
    target = await create_target(database, await create_plan(database))
    shares = []
    for area, share in ((PUTUO, 100), (BAOSHAN, 60)):
        unit = await create_unit(database, f"{area}.housing-bureau")
        shares.append(Share(unit, area, Decimal(share), "estate"))
    await allocate(database, target, shares)
    return target


async def tell(database: Database, quantities: dict[str, int], now: datetime = MONDAY) -> None:
    """The oldest open report of each area is submitted and accepted."""
    told: set[str] = set()
    for row in await expect_reports(database, now):
        if row.area in quantities and row.area not in told:
            await report(database, row, Given(Decimal(quantities[row.area]), "estate"), now)
            told.add(row.area)


async def look(database: Database, now: datetime = MONDAY) -> int:
    return await database.transact(lambda s: look_at_lights(s, now))


async def episodes(database: Database) -> list[Episode]:
    rows = select(Episode).order_by(Episode.opened_at, Episode.id)
    return list(await database.read(lambda s: s.scalars(rows)))


async def light(database: Database, target: Target) -> TargetLight:
    found = await database.read(lambda s: s.get(TargetLight, light_id(target.id)))
    assert found is not None
    return found


async def verbs(database: Database, noun: str) -> list[str]:
    return [event.type.split(".")[4] for event in await outbox(database, f"jiayuan.targets.{noun}.v1")]


async def hear(database: Database, event: Event, aggregate_id: UUID, version: int = 1) -> None:
    """A message of tasks, delivered twice."""
    delivery = delivery_of(event, aggregate_id, version)
    for _ in range(2):
        await database.transact(lambda s: HANDLERS[type(event)](s, event, delivery))


async def answer(database: Database, episode: Episode, result: str, summary: str = "") -> None:
    """The office signs for the proposal and decides."""
    outcome = Outcome(result=result, summary=summary)
    told_of: dict[type[said.Step], dict[str, Any]] = {said.Signed: {}, said.Answered: {"outcome": outcome}}
    for version, (step, more) in enumerate(told_of.items(), 1):
        told = {
            "happened_at": MONDAY,
            "handover_id": episode.handover_id,
            "kind": "supervision",
            "replies_to": 1,
            "by": "supervisor-1",
            "role": "supervision_office",
        }
        event = CHANNELS["tasks", "targets"].classes[step].model_validate(told | more)
        await hear(database, event, episode.handover_id, version)


def fact(kind: Callable[..., Event], episode: Episode, **more: Any) -> Event:
    return kind(
        happened_at=MONDAY, number="S20261123-310107000-000017", status="closed",
        handover_id=episode.handover_id, target_id=episode.target_id, unit_id=episode.unit_id,
        area=episode.area, **more,
    )  # fmt: skip


async def red(database: Database, target: Target) -> Episode:
    """Putuo has 20 of 100, Baoshan 60 of 60: 80 of 133.3 that the schedule asks."""
    await tell(database, {PUTUO: 20, BAOSHAN: 60})
    assert await look(database) == 1
    (episode,) = await episodes(database)
    return episode


class TestLook:
    async def test_the_first_light_of_a_target(self, database: Database, target: Target) -> None:
        await expect_reports(database)
        assert await look(database) == 1
        shown = await light(database, target)
        assert (shown.light, shown.reason) == ("grey", "not-due")
        assert await episodes(database) == []
        (event,) = await outbox(database, "jiayuan.targets.light.v1")
        assert (event.payload["target_id"], event.payload["light"], event.payload["before"]) == (
            str(target.id), "grey", None,
        )  # fmt: skip

    async def test_it_looks_once_a_day_and_after_figures_came(
        self, database: Database, target: Target
    ) -> None:
        await expect_reports(database)
        await look(database)
        before = (await light(database, target)).computed_at
        await look(database, MONDAY + timedelta(hours=2))
        assert (await light(database, target)).computed_at == before
        await tell(database, {PUTUO: 90, BAOSHAN: 60}, MONDAY + timedelta(hours=3))
        assert await look(database, MONDAY + timedelta(hours=3)) == 1
        assert (await light(database, target)).light == "green"
        await look(database, MONDAY + DAY)
        assert (await light(database, target)).computed_at == MONDAY + DAY

    async def test_red_proposes_to_the_unit_furthest_behind(self, database: Database, target: Target) -> None:
        episode = await red(database, target)
        assert (episode.state, episode.area) == ("proposed", PUTUO)
        handover = await database.read(lambda s: s.get(OutgoingHandover, episode.handover_id))
        assert handover is not None
        assert (handover.kind, handover.peer, handover.subject_id) == ("supervision", "tasks", target.id)
        assert (handover.unit_id, handover.subject_number) == (episode.unit_id, "T-1")
        told = handover.contents
        assert told["title"] == "“小区雨污分流改造”进度亮红灯"
        assert "截至2026年10月31日" in told["description"]
        # 80 of 160 x 304 / 365 = 133.2603
        details = {name: told["details"][name] for name in ("value", "scheduled", "goal", "unit")}
        assert details == {"value": "80", "scheduled": "133.2603", "goal": "160", "unit": "estate"}
        assert await verbs(database, "episode") == ["opened"]

    async def test_it_proposes_once(self, database: Database, target: Target) -> None:
        await red(database, target)
        for days in range(3):
            await look(database, MONDAY + days * DAY)
        assert len(await episodes(database)) == 1

    async def test_it_closes_when_the_light_leaves_red_and_opens_another_when_it_is_red_again(
        self, database: Database, target: Target
    ) -> None:
        first = await red(database, target)
        await tell(database, {PUTUO: 75}, MONDAY + DAY)  # November, early: 155 of 133
        await look(database, MONDAY + DAY)
        (closed,) = await episodes(database)
        assert closed.closed_at == MONDAY + DAY
        assert await verbs(database, "episode") == ["opened", "left-red"]
        # on 6 January the year is over: 155 of 160 is missed
        await expect_reports(database, MONDAY + 40 * DAY)
        await look(database, datetime(2027, 1, 6, 2, 0, tzinfo=UTC))
        found = await episodes(database)
        assert [each.id == first.id for each in found] == [True, False]
        assert found[1].closed_at is None

    async def test_who_is_not_allocated_is_asked_by_name_and_nobody_else_is(self, database: Database) -> None:
        unit = await create_unit(database, "310107.green-bureau")
        plan = await create_plan(database)
        named = (Responsible("各街镇"), Responsible("区绿化市容局", unit_id=unit))
        for code, responsible in (("T-N", named), ("T-0", ())):
            target = await create_target(database, plan, code, responsible=responsible)
            await allocate(database, target, [Share(unit, PUTUO, Decimal(160), "estate")])
        for row in await expect_reports(database):
            if row.period_first.month == 1:
                await report(database, row, Given(Decimal(1), "estate"))
        gone = {"valid_to": (MONDAY - DAY).date()}
        await create_unit(database, "310107.green-bureau", **gone)
        await look(database)
        assert await episodes(database) == []  # red, and the only unit has ended
        assert await verbs(database, "light") == ["changed", "changed"]

    async def test_what_a_unit_owed_its_successor_answers_for(
        self, database: Database, target: Target
    ) -> None:
        heir = await create_unit(database, f"{PUTUO}.construction-committee")
        merged = {"valid_to": (MONDAY - DAY).date(), "successor_id": heir}
        await create_unit(database, f"{PUTUO}.housing-bureau", **merged)
        episode = await red(database, target)
        assert (episode.unit_id, episode.area) == (heir, PUTUO)


class TestHear:
    async def test_issued_and_verified(self, database: Database, target: Target) -> None:
        episode = await red(database, target)
        await answer(database, episode, "issued")
        task = new_id()
        issued = fact(SupervisionIssued, episode, task_id=task, due_at=MONDAY + 10 * DAY)
        await hear(database, issued, new_id())
        closed = fact(SupervisionClosed, episode, task_id=task, on_time=True)
        await hear(database, closed, new_id())
        (row,) = await episodes(database)
        assert (row.state, row.task_id, row.on_time) == ("verified", task, True)
        assert (row.due_at, row.verified_at) == (MONDAY + 10 * DAY, MONDAY)
        assert await verbs(database, "episode") == ["opened", "answered", "verified"]
        handover = await database.read(lambda s: s.get(OutgoingHandover, episode.handover_id))
        assert handover is not None
        assert handover.state == "accepted"

    async def test_not_issued_with_a_reason(self, database: Database, target: Target) -> None:
        episode = await red(database, target)
        await answer(database, episode, "not-issued", "已列入专项整改")
        (row,) = await episodes(database)
        assert (row.state, row.answer_note) == ("not_issued", "已列入专项整改")
        (event,) = [e for e in await outbox(database, "jiayuan.targets.episode.v1") if "answered" in e.type]
        assert event.payload["issued"] is False
        assert "已列入" not in str(event.payload)

    async def test_the_end_may_be_heard_before_the_answer(self, database: Database, target: Target) -> None:
        episode = await red(database, target)
        await hear(database, fact(SupervisionClosed, episode, task_id=new_id()), new_id())
        await answer(database, episode, "issued")
        (row,) = await episodes(database)
        assert row.state == "verified"
        assert row.answered_at is not None

    async def test_not_issued_again_after_its_task_ended_undone(
        self, database: Database, target: Target
    ) -> None:
        episode = await red(database, target)
        await answer(database, episode, "issued", "S20261123-310107000-000017")
        await hear(database, fact(SupervisionNotIssued, episode, reason_code="data-error"), new_id())
        (row,) = await episodes(database)
        assert (row.state, row.answer_note) == ("not_issued", "data-error")
        assert await verbs(database, "episode") == ["opened", "answered", "answered"]

    async def test_that_may_be_heard_before_the_answer(self, database: Database, target: Target) -> None:
        episode = await red(database, target)
        issued = fact(SupervisionIssued, episode, task_id=new_id(), due_at=MONDAY + 10 * DAY)
        supervision = new_id()
        await hear(database, issued, supervision)
        refused = fact(SupervisionNotIssued, episode, reason_code="data-error")
        await hear(database, refused, supervision, 2)
        await answer(database, episode, "issued", "S20261123-310107000-000017")
        (row,) = await episodes(database)
        assert (row.state, row.answer_note) == ("not_issued", "data-error")

    async def test_a_refusal_from_the_first_waits_for_the_offices_own_words(
        self, database: Database, target: Target
    ) -> None:
        episode = await red(database, target)
        await hear(database, fact(SupervisionNotIssued, episode, reason_code="other"), new_id())
        assert (await episodes(database))[0].state == "proposed"
        await answer(database, episode, "not-issued", "已列入专项整改")
        (row,) = await episodes(database)
        assert (row.state, row.answer_note) == ("not_issued", "已列入专项整改")
        assert await verbs(database, "episode") == ["opened", "answered"]

    async def test_a_supervision_that_lapses(self, database: Database, target: Target) -> None:
        episode = await red(database, target)
        await answer(database, episode, "issued")
        await hear(database, fact(SupervisionWithdrawn, episode), new_id())
        assert (await episodes(database))[0].state == "lapsed"
        assert (await verbs(database, "episode"))[-1] == "lapsed"

    async def test_what_is_said_again_after_a_loss_brings_it_into_line(
        self, database: Database, target: Target
    ) -> None:
        episode = await red(database, target)
        task = new_id()
        again = fact(SupervisionRestated, episode, task_id=task, due_at=MONDAY + 10 * DAY, on_time=False)
        await hear(database, again, new_id())
        (row,) = await episodes(database)
        assert (row.state, row.task_id, row.on_time) == ("verified", task, False)

    async def test_another_services_handover_is_none_of_ours(
        self, database: Database, target: Target
    ) -> None:
        episode = await red(database, target)
        stranger = fact(SupervisionClosed, episode, task_id=new_id()).model_copy(
            update={"handover_id": new_id()}
        )
        await hear(database, stranger, new_id())
        assert (await episodes(database))[0].state == "proposed"

    async def test_still_red_in_the_next_period_it_is_proposed_again_once_the_office_is_done(
        self, database: Database, target: Target
    ) -> None:
        episode = await red(database, target)
        december = datetime(2026, 12, 6, 2, 0, tzinfo=UTC)  # November's reports were due on the 5th
        await look(database, december)
        assert len(await episodes(database)) == 1  # the office has not answered
        await answer(database, episode, "not-issued", "另行督促")
        await look(database, december + DAY)
        first, second = await episodes(database)
        assert (first.closed_at, second.state) == (december + DAY, "proposed")
        assert (str(first.judged_on), str(second.judged_on)) == ("2026-10-31", "2026-11-30")


class TestApi:
    async def test_present_lights_by_colour(
        self, database: Database, target: Target, client: httpx.AsyncClient
    ) -> None:
        await red(database, target)
        headers = as_(Role.LEADER, areas=(CITY,))
        for query, count in (("light=red", 1), ("light=green", 0), (f"plan={target.plan_id}&area=31", 1)):
            page = (await client.get(f"/targets/v1/lights?{query}", headers=headers)).json()
            assert len(page["items"]) == count
        assert page["items"][0]["target_id"] == str(target.id)
        assert (page["items"][0]["value"], page["next"]) == ("80", None)

    async def test_the_episodes_of_a_target(
        self, database: Database, target: Target, client: httpx.AsyncClient
    ) -> None:
        episode = await red(database, target)
        url = f"/targets/v1/targets/{target.id}/episodes"
        told = (await client.get(url, headers=as_(Role.SUPERVISION_OFFICE))).json()
        assert [each["id"] for each in told["items"]] == [str(episode.id)]
        assert told["items"][0]["state"] == "proposed"
