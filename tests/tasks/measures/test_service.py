"""Loading the measures, and what a person says of them outliving the next load."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func, select, update

from libs.common.db import Database
from libs.common.policy import Actor, Principal, Role
from libs.common.service import Loaded
from libs.common.tree import repository_root
from services.tasks.measures import service
from services.tasks.measures.domain import Link
from services.tasks.measures.models import Measure
from services.tasks.measures.service import Linking
from services.tasks.measures.sources import measure_id
from tests.tasks.factories import MONDAY, outbox

DATA = repository_root() / "services/tasks/data"
TOPIC = "jiayuan.tasks.measure.v1"
OFFICER = Principal("officer-1", "officer-1", frozenset({Role.TARGET_OFFICER}), areas=("31",))


async def load(database: Database) -> Loaded:
    return await database.transact(lambda session: service.load(session, DATA))


async def test_loading_publishes_each_measure_once_and_tells_what_each_plan_gave(database: Database) -> None:
    first = await load(database)
    assert first.summary == "183 measures: 183 new, 0 changed"
    assert not first.refused
    assert first.by_source == {
        "sh-mh-2018": {"measures": 30},
        "kq-mh": {"measures": 45},
        "pt-my-2018": {"measures": 28},
        "hp-open-2019": {"measures": 45},
        "hp-old-2019": {"measures": 9},
        "bs-zh-2007": {"measures": 26},
    }
    sent = await outbox(database, TOPIC)
    assert len(sent) == 183
    chargers = next(event.payload for event in sent if event.payload["code"] == "KQ-C08")
    assert chargers["links"][0]["kind"] == "supports"
    assert (chargers["timing"], chargers["due_on"]) == (None, None)
    unassigned = await database.read(
        lambda s: s.scalar(select(func.count()).select_from(Measure).where(Measure.unit_ids == []))
    )
    assert unassigned == 68
    assert (await load(database)).summary == "183 measures: 0 new, 0 changed"
    assert len(await outbox(database, TOPIC)) == 183


async def test_what_a_person_said_of_a_link_outlives_the_next_load_of_a_changed_row(
    database: Database,
) -> None:
    await load(database)
    key = measure_id("SH-1.1")
    given = Linking(Link("SH-T01", Decimal("12.5"), "wan_m2"), "按竣工备案核定", 1)
    await database.transact(
        lambda s: service.set_link(
            s, key, given, viewer=OFFICER, actor=Actor("officer-1", "target_officer"), now=MONDAY
        )
    )
    await database.transact(
        lambda s: s.execute(update(Measure).where(Measure.id == key).values(file_digest=b"old"))
    )
    assert (await load(database)).summary == "183 measures: 0 new, 1 changed"
    payload = (await outbox(database, TOPIC))[-1].payload
    assert payload["links"][0] | {"target_id": ""} == {
        "target_id": "", "target_code": "SH-T01", "kind": "counts", "quantity": "12.5",
        "unit": "wan_m2", "lot": None,
    }  # fmt: skip
    assert len(payload["links"]) == 5


async def test_restating_sends_current_state_in_pages_without_a_new_version(database: Database) -> None:
    await load(database)
    last = await database.transact(lambda s: service.restate_measures(s, 182, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_measures(s, 182, last)) is None
    sent = await outbox(database, TOPIC)
    assert len(sent) == 366
    assert {event.version for event in sent} == {1}
