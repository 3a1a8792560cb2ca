from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import func, select, update

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.tree import repository_root
from services.tasks.units import service
from services.tasks.units.models import Unit
from tests.tasks.factories import ADMINISTRATOR, create_unit, outbox

DATA = Path(repository_root() / "services/tasks/data")
TOPIC = "jiayuan.tasks.unit.v1"


async def test_loading_publishes_each_unit_once_and_nothing_when_nothing_changed(database: Database) -> None:
    first = await database.transact(lambda session: service.load(session, DATA))
    loaded = await database.read(lambda s: s.scalar(select(func.count()).select_from(Unit)))
    assert first == f"{loaded} units: {loaded} new, 0 changed"
    sent = await outbox(database, TOPIC)
    assert len(sent) == loaded
    assert {event.version for event in sent} == {1}
    second = await database.transact(lambda session: service.load(session, DATA))
    assert second == f"{loaded} units: 0 new, 0 changed"
    assert len(await outbox(database, TOPIC)) == loaded


async def test_loading_again_keeps_a_change_made_over_the_api_until_the_file_changes(
    database: Database,
) -> None:
    await database.transact(lambda session: service.load(session, DATA))
    unit = await database.read(lambda s: s.scalar(select(Unit).where(Unit.code == "pt-housing")))
    assert unit is not None
    await database.transact(
        lambda s: service.change(
            s, unit.id, {"name_zh": "普陀区房管局（新）"}, expect=1, actor=ADMINISTRATOR, now=utc_now()
        )
    )
    await database.transact(lambda session: service.load(session, DATA))
    kept = await database.read(lambda s: s.get(Unit, unit.id))
    assert kept is not None
    assert (kept.name_zh, kept.version) == ("普陀区房管局（新）", 2)
    # As if the file's row had been another one at the last load.
    await database.transact(
        lambda s: s.execute(update(Unit).where(Unit.id == unit.id).values(file_digest=b"old"))
    )
    assert "1 changed" in await database.transact(lambda session: service.load(session, DATA))
    renewed = await database.read(lambda s: s.get(Unit, unit.id))
    assert renewed is not None
    assert (renewed.name_zh, renewed.version) == ("普陀区房屋管理局", 3)


async def test_restating_sends_current_state_in_pages_without_a_new_version(database: Database) -> None:
    made = [await create_unit(database, f"unit-{n}") for n in range(3)]
    last = await database.transact(lambda s: service.restate_units(s, 2, None))
    assert last == sorted(unit.id for unit in made)[1]
    assert await database.transact(lambda s: service.restate_units(s, 2, last)) is None
    sent = await outbox(database, TOPIC)
    assert [event.version for event in sent] == [1] * 6
    assert sent[0].payload["code"] == sent[3].payload["code"]


async def test_members_are_those_of_the_day(database: Database) -> None:
    unit = await create_unit(database)
    now = utc_now()
    staffing = service.Staffing("clerk-1", "张三", service.MemberRole.CLERK, valid_from=date(2026, 1, 1))
    await database.transact(lambda s: service.add_member(s, unit.id, staffing, actor=ADMINISTRATOR, now=now))
    before = await database.read(lambda s: service.roles_of(s, unit.id, "clerk-1", date(2025, 12, 31)))
    after = await database.read(lambda s: service.roles_of(s, unit.id, "clerk-1", date(2026, 1, 1)))
    assert not before
    assert after == {service.MemberRole.CLERK}
