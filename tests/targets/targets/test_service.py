from __future__ import annotations

from libs.common.db import Database
from services.targets.targets import service
from tests.targets.factories import by, create_plan, create_target, outbox

TOPIC = "jiayuan.targets.target.v1"


async def test_the_row_is_the_fields_that_it_was_made_from(database: Database) -> None:
    plan = await create_plan(database)
    target = await create_target(database, plan, strength="力争", soft=True, also_in=("另处",))
    fields = service.fields_of(target)
    again = await database.transact(lambda s: service.enter(s, target.id, fields, by()))
    assert again[1] is False


async def test_restating_sends_current_state_in_pages_without_a_new_version(database: Database) -> None:
    plan = await create_plan(database)
    for number in range(3):
        await create_target(database, plan, f"T-{number}")
    before = len(await outbox(database, TOPIC))
    last = await database.transact(lambda s: service.restate_targets(s, 2, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_targets(s, 2, last)) is None
    assert [event.version for event in (await outbox(database, TOPIC))[before:]] == [1, 1, 1]


async def test_what_is_judged_is_of_plans_in_force(database: Database) -> None:
    running = await create_plan(database)
    draft = await create_plan(database, "draft", in_force=False)
    await create_target(database, running, "T-1")
    await create_target(database, running, "T-2", already_met=True)
    await create_target(database, draft, "T-3")
    assert [each.code for each in await database.read(service.judged)] == ["T-1"]
