from __future__ import annotations

from libs.common.db import Database
from services.tasks.tasks import service
from tests.tasks.factories import create_task, create_unit, outbox


async def test_restating_says_how_each_task_stands_without_a_new_version(database: Database) -> None:
    unit = await create_unit(database)
    for _ in range(3):
        await create_task(database, unit.id)
    last = await database.transact(lambda s: service.restate_tasks(s, 2, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_tasks(s, 2, last)) is None
    sent = await outbox(database, "jiayuan.tasks.task.v1")
    assert [(event.type.split(".")[4], event.version) for event in sent[3:]] == [("restated", 1)] * 3


async def test_numbers_are_of_the_day_and_the_area_and_never_the_same(database: Database) -> None:
    unit = await create_unit(database)
    numbers = [(await create_task(database, unit.id)).number for _ in range(3)]
    assert len(set(numbers)) == 3
    assert {number[:20] for number in numbers} == {"T20261123-310101002-"}
