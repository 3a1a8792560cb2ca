from __future__ import annotations

from libs.common.db import Database
from libs.common.ids import new_id
from services.tasks.supervisions import service
from tests.tasks.factories import Clock, outbox
from tests.tasks.supervisions.proposer import Proposer


async def test_restating_says_how_each_stands_without_a_new_version(database: Database, clock: Clock) -> None:
    for _ in range(3):
        await Proposer(database, clock).propose(new_id())
    last = await database.transact(lambda s: service.restate_supervisions(s, 2, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_supervisions(s, 2, last)) is None
    said = (await outbox(database, "jiayuan.tasks.supervision.v1"))[3:]
    assert [(event.type.split(".")[4], event.version) for event in said] == [("restated", 1)] * 3
    assert {event.payload["status"] for event in said} == {"proposed"}
