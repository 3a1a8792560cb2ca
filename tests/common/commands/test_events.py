"""Commands around the event log: what they print, what they change, how they exit."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy.engine import make_url

from libs.common.embedded.kafka import Kafka
from libs.common.embedded.processes import free_port
from libs.common.ids import new_id
from tests.common.commands.conftest import Jiayuan
from tests.common.embedded.scene import ask, run_sql, work_on
from tests.conftest import NewDatabase

UNITS = "jiayuan.tasks.unit.v1"
KEY = UUID("01990000-0000-7000-8000-000000000001")
PARKED = f"""INSERT INTO parked_message (id, consumer, topic, partition, "offset", event_id, aggregate_id,
    type, epoch, version, position, data_class, reason, problem, raw)
    VALUES ('{new_id()}', 'grid', '{UNITS}', 0, 7, '{new_id()}', '{KEY}', 'x', 1, 3, 9, 'internal', 'gap',
    'something', '')"""
GATE = f"""INSERT INTO version_gate (consumer, topic, aggregate_id, epoch, version, position, parked)
    VALUES ('grid', '{UNITS}', '{KEY}', 1, 1, 8, true)"""
EPOCH = "INSERT INTO epoch_seen (consumer, producer, epoch, restored_to) VALUES ('grid', 'tasks', 2, 5)"


@pytest.fixture
async def url(new_database: NewDatabase) -> str:
    """Grid's database, empty."""
    return await new_database("grid")


async def test_what_is_parked_and_what_lies_beyond_a_restore_is_listed(jiayuan: Jiayuan, url: str) -> None:
    nothing = await jiayuan("parked", "grid", database_url=url)
    assert (nothing.exit_code, "nothing is parked" in nothing.output) == (0, True)
    await run_sql(url, PARKED, GATE, EPOCH)
    listed = await jiayuan("parked", "grid", database_url=url)
    assert listed.exit_code == 0
    for word in (
        UNITS,
        str(KEY),
        "gap",
        "something",
        f"beyond a restore 恢复点之后: {UNITS} {KEY} version 1",
    ):
        assert word in listed.output


async def test_a_redrive_says_whether_the_key_is_free(jiayuan: Jiayuan, url: str) -> None:
    await run_sql(url, PARKED, GATE)
    held = await jiayuan("redrive", "grid", UNITS, str(KEY), database_url=url)
    assert (held.exit_code, "applied 0" in held.output) == (1, True)
    await run_sql(url, "DELETE FROM parked_message")
    free = await jiayuan("redrive", "grid", UNITS, str(KEY), database_url=url)
    assert free.exit_code == 0


async def test_topics_of_full_state_are_read_again(jiayuan: Jiayuan, url: str) -> None:
    await run_sql(url, GATE)
    told = await jiayuan("reread", "grid", UNITS, database_url=url)
    assert (told.exit_code, "1 keys will be read again" in told.output) == (0, True)
    assert await ask(url, "SELECT count(*) FROM version_gate") == [(0,)]
    for topic in ("jiayuan.tasks.handover-grid.v1", "jiayuan.none.v1"):
        refused = await jiayuan("reread", "grid", topic, database_url=url)
        assert (refused.exit_code, "no topic of full state" in refused.output) == (2, True)


async def test_figures_are_forgotten_to_be_counted_anew(jiayuan: Jiayuan, url: str) -> None:
    await run_sql(url, "INSERT INTO tally_cursor (id, position) VALUES (1, 7)")
    told = await jiayuan("recount", "grid", "statistics", database_url=url)
    assert (told.exit_code, "grid/statistics: counted anew" in told.output) == (0, True)
    assert await ask(url, "SELECT count(*) FROM tally_cursor") == [(0,)]
    refused = await jiayuan("recount", "grid", "dragons", database_url=url)
    assert (refused.exit_code, "grid counts statistics" in refused.output) == (2, True)


async def test_a_noun_is_published_again(jiayuan: Jiayuan, url: str) -> None:
    told = await jiayuan("republish", "grid", "category", database_url=url)
    assert (told.exit_code, "grid/category: 0 batches" in told.output) == (0, True)
    refused = await jiayuan("republish", "grid", "dragon", database_url=url)
    assert (refused.exit_code, "no noun 'dragon'" in refused.output) == (1, True)


async def test_a_new_epoch_begins_where_the_log_ends(jiayuan: Jiayuan, url: str) -> None:
    await work_on(url, "grid", times=2)
    told = await jiayuan("restored", "grid", database_url=url)
    assert (told.exit_code, "restored to position 2" in told.output) == (0, True)
    assert await ask(url, "SELECT restored_to FROM log_epoch WHERE epoch > 1") == [(2,)]


@pytest.mark.kafka
async def test_topics_are_made(jiayuan: Jiayuan, kafka: Kafka) -> None:
    endpoint, prefix = kafka.endpoint(), f"c{new_id().hex[:12]}."
    made = await jiayuan(
        "topics",
        kafka_bootstrap=endpoint.bootstrap,
        kafka_username=endpoint.username,
        kafka_password=endpoint.password,
        kafka_prefix=prefix,
    )
    assert made.exit_code == 0, made.output
    admin = AIOKafkaAdminClient(**kafka.admin_options())
    await admin.start()
    try:
        assert prefix + UNITS in await admin.list_topics()
    finally:
        await admin.close()


async def test_a_name_that_is_no_service_is_refused(jiayuan: Jiayuan) -> None:
    refused = await jiayuan("parked", "roads")
    assert (refused.exit_code, "one of grid, tasks" in refused.output) == (2, True)


async def test_without_settings_and_platform_there_is_no_database(jiayuan: Jiayuan, tmp_path: Path) -> None:
    refused = await jiayuan("parked", "grid", var=str(tmp_path))
    assert (refused.exit_code, "no platform was started here" in refused.output) == (2, True)


async def test_a_database_that_is_away_is_told_in_one_line(jiayuan: Jiayuan, url: str) -> None:
    away = make_url(url).set(port=free_port()).render_as_string(hide_password=False)
    failed = await jiayuan("parked", "grid", database_url=away)
    assert (failed.exit_code, len(failed.output.splitlines())) == (1, 1)
