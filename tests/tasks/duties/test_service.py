from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from libs.common.db import Database
from libs.common.tree import repository_root
from services.tasks.duties import service
from services.tasks.duties.models import Duty
from tests.tasks.factories import create_duty, create_unit, outbox

DATA = Path(repository_root() / "services/tasks/data")
TOPIC = "jiayuan.tasks.duty.v1"


async def test_loading_publishes_each_row_once_and_nothing_when_nothing_changed(database: Database) -> None:
    first = await database.transact(lambda session: service.load(session, DATA))
    loaded = await database.read(lambda s: s.scalar(select(func.count()).select_from(Duty)))
    assert first == f"{loaded} duties: {loaded} new, 0 changed"
    assert len(await outbox(database, TOPIC)) == loaded
    second = await database.transact(lambda session: service.load(session, DATA))
    assert second == f"{loaded} duties: 0 new, 0 changed"
    assert len(await outbox(database, TOPIC)) == loaded


async def test_restating_sends_current_state_in_pages(database: Database) -> None:
    unit = await create_unit(database)
    for category in ("0101", "0202", "0303"):
        await create_duty(database, unit.id, category)
    last = await database.transact(lambda s: service.restate_duties(s, 2, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_duties(s, 2, last)) is None
    sent = await outbox(database, TOPIC)
    assert len(sent) == 6
    assert {event.version for event in sent} == {1}
