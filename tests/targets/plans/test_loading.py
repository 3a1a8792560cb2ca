"""The plans of the public documents and the demonstration, as the loader takes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, update

from libs.common.clocks import local_date, utc_now
from libs.common.db import Database
from libs.common.tree import repository_root
from services.targets.plans import service
from services.targets.plans.domain import PlanState
from services.targets.plans.models import Plan
from tests.targets.factories import outbox, steps_of

DATA = repository_root() / "services/targets/data"
TOPIC = "jiayuan.targets.plan.v1"


async def by_code(database: Database) -> dict[str, Plan]:
    """The plans as they stand, by code."""

    return {plan.code: plan for plan in await database.read(lambda s: s.scalars(select(Plan)))}


async def test_what_is_over_is_concluded_and_what_has_no_end_stays_in_force(database: Database) -> None:
    loaded = await database.transact(lambda s: service.load(s, DATA))
    year = local_date(utc_now()).year
    assert loaded.summary == "7 plans: 7 new, 0 changed, 5 concluded"
    assert not loaded.refused
    assert loaded.by_source["sh-mh-2018"] == {"plans": 1}
    plans = await by_code(database)
    states = {code: plan.state for code, plan in plans.items()}
    over = dict.fromkeys(
        ("sh-mh-2018", "kq-mh", "pt-my-2018", "hp-open-2019", "bs-zh-2007"), PlanState.CONCLUDED
    )
    assert states == over | {
        "hp-old-2019": PlanState.IN_FORCE,
        f"demo-{year}": PlanState.IN_FORCE,
    }
    assert plans["hp-old-2019"].period_to is None
    assert await steps_of(database, plans["kq-mh"].id) == ["load", "put-in-force", "conclude"]


async def test_masked_years_say_that_they_are_inferred(database: Database) -> None:
    await database.transact(lambda s: service.load(s, DATA))
    plans = await by_code(database)
    assert {code for code, plan in plans.items() if plan.period_inferred} == {"kq-mh", "bs-zh-2007"}
    assert (plans["bs-zh-2007"].period_from, plans["bs-zh-2007"].period_to) == (
        date(2007, 1, 1),
        date(2009, 12, 31),
    )


async def test_loading_again_changes_and_says_nothing(database: Database) -> None:
    await database.transact(lambda s: service.load(s, DATA))
    before = len(await outbox(database, TOPIC))
    again = await database.transact(lambda s: service.load(s, DATA))
    assert again.summary == "7 plans: 0 new, 0 changed, 0 concluded"
    assert len(await outbox(database, TOPIC)) == before


async def test_a_plan_of_the_files_is_concluded_once_its_period_has_passed(database: Database) -> None:
    await database.transact(lambda s: service.load(s, DATA))
    ended = {"period_to": date(2020, 6, 30)}
    await database.transact(
        lambda s: s.execute(update(Plan).where(Plan.code == "hp-old-2019").values(**ended))
    )
    again = await database.transact(lambda s: service.load(s, DATA))
    assert again.summary == "7 plans: 0 new, 0 changed, 1 concluded"
    assert (await by_code(database))["hp-old-2019"].state == PlanState.CONCLUDED


@pytest.mark.parametrize(
    "spoil, says",
    [
        (lambda row: row.update(level="county"), "level"),
        (lambda row: row.update(area="31x"), "行政区划代码"),
        (lambda row: row.update(period_to=date(2017, 1, 1)), "早于"),
        (lambda row: row.update(parent="nowhere"), "上级计划"),
        (lambda row: row.update(oddity=1), "oddity"),
    ],
)
async def test_a_row_that_cannot_be_taken_is_named_with_its_reason(
    database: Database, tmp_path: Path, spoil: Callable[[dict[str, Any]], None], says: str
) -> None:
    told = yaml.safe_load((DATA / "plans.yaml").read_text("utf-8"))
    spoil(told["plans"][4])
    (tmp_path / "plans.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    (tmp_path / "demonstration.yaml").write_text((DATA / "demonstration.yaml").read_text("utf-8"), "utf-8")
    loaded = await database.transact(lambda s: service.load(s, tmp_path))
    (refused,) = loaded.refused
    assert (refused.file, refused.row) == ("plans.yaml", "hp-old-2019")
    assert says in refused.reason
    assert "hp-old-2019" not in await by_code(database)


async def test_restating_sends_current_state_in_pages_without_a_new_version(database: Database) -> None:
    await database.transact(lambda s: service.load(s, DATA))
    before = len(await outbox(database, TOPIC))
    last = await database.transact(lambda s: service.restate_plans(s, 4, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_plans(s, 4, last)) is None
    sent = (await outbox(database, TOPIC))[before:]
    assert len(sent) == 7
    plans = {plan.id: plan for plan in (await by_code(database)).values()}
    assert all(event.version == plans[event.aggregate_id].version for event in sent)
