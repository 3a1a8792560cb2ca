"""One database as a file: a restore is all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from libs.common.embedded import dumps
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import ServerFailed
from tests.common.embedded.scene import ask, log_of, run_sql, work_on
from tests.conftest import NewDatabase


@pytest.fixture
async def url(new_database: NewDatabase) -> str:
    """A service at work."""
    made = await new_database("grid")
    await work_on(made, "grid")
    return made


async def test_a_dump_says_what_it_holds(url: str, tmp_path: Path) -> None:
    held = await dumps.dump("grid", url, tmp_path / "grid.dump")
    assert held == await dumps.state("grid", url)
    assert (held.epoch, held.position) == (1, 1)
    assert set(held.revisions) == {"toolbox", "grid"}
    assert held.postgres.startswith("18")


async def test_half_a_dump_changes_nothing(url: str, tmp_path: Path) -> None:
    file = tmp_path / "grid.dump"
    await run_sql(url, "CREATE TABLE many AS SELECT md5(i::text) AS word FROM generate_series(1, 20000) i")
    await dumps.dump("grid", url, file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    await run_sql(url, "CREATE TABLE later (id int)")
    with pytest.raises(ServerFailed, match="pg_restore failed"):
        await dumps.restore("grid", url, file)
    assert await ask(url, "SELECT count(*) FROM many") == [(20000,)]
    assert await ask(url, "SELECT count(*) FROM later") == [(0,)]


async def test_a_restore_that_the_server_refuses_changes_nothing(
    url: str, postgres: Postgres, tmp_path: Path
) -> None:
    file = tmp_path / "grid.dump"
    await run_sql(url, "CREATE TABLE many AS SELECT md5(i::text) AS word FROM generate_series(1, 200000) i")
    await dumps.dump("grid", url, file)
    postgres.run_sql(f"ALTER DATABASE {make_url(url).database} SET default_transaction_read_only = on")
    with pytest.raises(ServerFailed, match=r"psql failed: .*read-only"):
        await dumps.restore("grid", url, file)
    assert len(await log_of(url)) == 1


async def test_a_dump_that_cannot_be_written_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match=r"pg_dump failed: .*No such file"):
        await dumps.dump("grid", url, tmp_path / "none" / "grid.dump")


async def test_what_is_no_database_of_the_service_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="no database of tasks"):
        await dumps.dump("tasks", url, tmp_path / "tasks.dump")
    assert not await dumps.is_empty(url)
