"""`jiayuan audit verify`: says what it found, and by its exit code whether the log is whole."""

from __future__ import annotations

from uuid import UUID

import pytest

from libs.common.db import Database
from libs.common.events.erase import erase
from tests.common.commands.conftest import Jiayuan
from tests.common.embedded.scene import ask, run_sql, work_on
from tests.common.events.nouns import ACTOR, NOW
from tests.conftest import NewDatabase


@pytest.fixture
async def url(new_database: NewDatabase) -> str:
    """A log of three events."""
    made = await new_database("grid")
    await work_on(made, "grid", times=3)
    return made


async def test_a_whole_log_prints_its_checkpoint(jiayuan: Jiayuan, url: str) -> None:
    first = await jiayuan("audit", "verify", "grid", database_url=url)
    assert (first.exit_code, "3 events, 1 batches" in first.output) == (0, True)
    kept = first.stdout.strip()
    assert kept.startswith("3 ")
    await work_on(url, "grid")
    assert (await jiayuan("audit", "verify", "grid", "--checkpoint", kept, database_url=url)).exit_code == 0
    other = f"3 {'00' * 32}"
    cut = await jiayuan("audit", "verify", "grid", "--checkpoint", other, database_url=url)
    assert (cut.exit_code, "rewritten" in cut.output) == (1, True)
    refused = await jiayuan("audit", "verify", "grid", "--checkpoint", "yesterday", database_url=url)
    assert refused.exit_code == 2


async def test_a_changed_log_is_told(jiayuan: Jiayuan, url: str) -> None:
    await run_sql(url, "UPDATE event_log SET actor = 'somebody' WHERE position = 2")
    told = await jiayuan("audit", "verify", "grid", database_url=url)
    assert (told.exit_code, "chain-broken" in told.output) == (1, True)


async def test_what_was_erased_by_law_is_no_fault(jiayuan: Jiayuan, url: str) -> None:
    ((record,),) = await ask(url, "SELECT aggregate_id FROM event_log WHERE position = 2")
    database = Database(url, pool_size=1)
    await database.transact(
        lambda s: erase(
            s, service="grid", aggregate_id=UUID(str(record)), basis="pipl-47", actor=ACTOR, now=NOW
        )
    )
    await database.close()
    await work_on(url, "grid")
    told = await jiayuan("audit", "verify", "grid", database_url=url)
    assert (told.exit_code, "erased 已依法删除: position 2 by system:grid" in told.output) == (0, True)
