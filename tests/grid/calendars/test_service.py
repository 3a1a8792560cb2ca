"""Every deadline that grid reckons follows the calendar in force; one that runs stays."""

from __future__ import annotations

from datetime import date

import pytest

from libs.common.contracts.tasks import CalendarChanged
from libs.common.ids import new_id
from libs.common.policy import Role
from tests.grid.factories import MONDAY, Desk, as_, deliver

TUESDAY = "2026-11-24T15:59:59.999999Z"
WEDNESDAY = "2026-11-25T15:59:59.999999Z"
OFF = {date(2026, 11, 24): False}
SQUAD = {"squad": "网格处置一队"}


async def tell(desk: Desk) -> None:
    """Tuesday has become a day off."""
    told = CalendarChanged(
        happened_at=MONDAY, year=2026, confirmed=True, overrides=OFF, source="通知",
        effective_from=MONDAY.date(),
    )  # fmt: skip
    await deliver(desk.database, told, new_id())


@pytest.mark.parametrize(("told", "due"), [(False, TUESDAY), (True, WEDNESDAY)])
async def test_a_new_dispatch_follows_it(desk: Desk, told: bool, due: str) -> None:
    if told:
        await tell(desk)
    case_id = await desk.filed()
    assert (await desk.step(case_id, "dispatch", SQUAD))["due_at"] == due


async def test_a_running_deadline_stays_at_every_new_dispatch(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.step(case_id, "dispatch", SQUAD)
    await tell(desk)
    assert (await desk.read(case_id))["due_at"] == TUESDAY
    await desk.step(case_id, "recall", {"reason": "另行派遣"})
    assert (await desk.step(case_id, "dispatch", {"squad": "网格处置二队"}))["due_at"] == TUESDAY


async def test_an_extension_follows_it(desk: Desk) -> None:
    case_id = await desk.handled()
    await tell(desk)
    await desk.step(case_id, "ask-extension", {"reason": "待料"})
    await desk.step(case_id, "approve-deferral", {})
    assert (await desk.step(case_id, "grant-deferral", {}))["due_at"] == WEDNESDAY


async def test_the_grids_own_steps_follow_it(desk: Desk) -> None:
    headers = as_(Role.ADMINISTRATOR, version=1)
    one_day = {
        "value": {"amount": 1, "unit": "working_days"},
        "source": "通知",
        "effective_from": "2026-11-23",
    }
    answer = await desk.client.put("/grid/v1/rules/stage.accept", json=one_day, headers=headers)
    assert answer.status_code == 200, answer.text
    before = (await desk.case(await desk.report())).step_due_at
    await tell(desk)
    after = (await desk.case(await desk.report(category="0201"))).step_due_at
    assert before is not None
    assert after is not None
    assert (before.day, after.day) == (24, 25)
