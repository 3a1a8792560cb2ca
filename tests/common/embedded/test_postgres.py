"""The embedded PostgreSQL: fresh, again, after a kill, and who may connect where."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from libs.common.embedded import cluster, databases, processes
from libs.common.embedded.databases import Address
from libs.common.embedded.folders import Keep
from libs.common.embedded.postgres import Postgres, pg_bin
from libs.common.embedded.processes import ServerFailed
from tests.support.servers import Run


@pytest.fixture
def server(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of the test's own, which it may kill."""
    folder = run.folder / f"own-{os.getpid()}-{tmp_path_factory.mktemp('x').name}"
    own = Postgres(folder, throwaway=True, max_connections=20)
    try:
        yield own.start()
    finally:
        own.stop()


def test_a_second_start_keeps_data_port_and_passwords(server: Postgres) -> None:
    url = server.ensure_database("grid", "grid")
    server.run_sql("CREATE TABLE kept (n int)", "grid")
    server.run_sql("INSERT INTO kept VALUES (7)", "grid")
    server.stop()
    assert server.pid is None
    assert not server.is_ready()

    again = Postgres(server.asked, throwaway=True, max_connections=20).start()

    assert again.run_sql("SELECT n FROM kept", "grid") == [(7,)]
    assert again.url_for("grid", "grid") == url


def test_the_cluster_is_what_production_has(server: Postgres) -> None:
    rows = server.run_sql(
        "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding),"
        " current_setting('data_checksums'), current_setting('password_encryption'),"
        " current_setting('server_version_num')::int / 10000"
        " FROM pg_database WHERE datname = 'postgres'"
    )
    assert rows == [("b", "C.UTF-8", "UTF8", "on", "scram-sha-256", 18)]


def test_who_comes_next_adopts_the_running_server(server: Postgres) -> None:
    pid = server.pid
    with ThreadPoolExecutor(4) as pool:
        others = [Postgres(server.asked, throwaway=True) for _ in range(4)]
        assert {other.pid for other in pool.map(Postgres.start, others)} == {pid}


def test_it_outlives_a_kill_of_the_program_that_started_it(server: Postgres) -> None:
    server.stop()
    program = (
        "import os, signal; from pathlib import Path; from libs.common.embedded.postgres import Postgres;"
        f"Postgres(Path({str(server.asked)!r}), throwaway=True).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[3])

    assert done.returncode == -9
    pid = server.pid
    assert pid is not None
    assert server.start().pid == pid


def test_a_killed_server_recovers_on_the_same_port_with_all_that_it_acknowledged(run: Run) -> None:
    with Postgres(run.folder / f"durable-{os.getpid()}") as server:
        url = server.ensure_database("grid", "grid")
        server.run_sql("CREATE TABLE kept (n int)", "grid")
        for number in range(5):
            server.run_sql(f"INSERT INTO kept VALUES ({number})", "grid")
            server.kill()
            assert not server.is_ready()
            server.start()
        assert [n for (n,) in server.run_sql("SELECT n FROM kept ORDER BY n", "grid")] == [0, 1, 2, 3, 4]
        assert server.url_for("grid", "grid") == url


async def test_a_kill_with_a_statement_under_way_leaves_nothing_that_hinders_the_start(
    server: Postgres,
) -> None:
    async def sleeper() -> None:
        address = server.address()
        connection = await asyncpg.connect(
            host=processes.LOOPBACK, port=address.port, user=address.role, password=address.password
        )
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")
        connection.terminate()

    asleep = asyncio.create_task(sleeper())
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active'"
    # The question itself is one of the two.
    assert await asyncio.to_thread(processes.wait_until, lambda: server.run_sql(busy) == [(2,)], 30)

    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)

    assert await asyncio.to_thread(server.is_ready)
    await asleep


def test_a_recycled_process_id_does_not_mislead(server: Postgres) -> None:
    server.kill()
    pidfile = server.data / "postmaster.pid"
    lines = pidfile.read_text().splitlines()
    pidfile.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    assert server.pid is None
    assert server.start().is_ready()


def test_a_taken_port_is_exchanged(server: Postgres) -> None:
    server.stop()
    kept = server.keep.load()
    with Postgres(server.asked.with_name(f"{server.asked.name}-other"), throwaway=True) as other:
        kept["port"] = other.port
        server.keep.save(kept)
        assert server.start().port != other.port
        assert server.is_ready()


def test_a_half_made_cluster_is_made_anew(server: Postgres) -> None:
    server.stop()
    half = server.folder.with_name(f"{server.folder.name}-half")
    (half / "data.new").mkdir(parents=True)
    (half / "data.new" / "PG_VERSION").write_text("18\n")
    said: list[str] = []
    with Postgres(half, throwaway=True, progress=said.append) as made:
        assert made.is_ready()
    assert said[:2] == ["making the database cluster", "starting PostgreSQL"]
    assert not (half / "data.new").exists()


def test_a_role_reaches_its_own_database_only(server: Postgres) -> None:
    server.ensure_database("grid", "grid")
    server.ensure_database("tasks", "tasks", "a password of its own")
    server.ensure_database("tasks", "tasks")

    assert databases.run(server.address("tasks", "tasks"), "SELECT current_user") == [("tasks",)]
    assert "a%20password" in server.url_for("tasks", "tasks")
    for foreign in ("grid", "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            databases.run(server.address("tasks", foreign), "SELECT 1")
    with pytest.raises(asyncpg.InvalidPasswordError):
        databases.run(Address(server.port, "tasks", "wrong", "tasks"), "SELECT 1")
    with pytest.raises(ServerFailed, match="no password of role"):
        server.url_for("grid", "stranger")
    assert "secret@" in server.url_for("grid", "grid", "secret")
    assert server.admin_url.startswith("postgresql+asyncpg://postgres:")


def test_a_clone_has_the_rows_and_the_owner_and_is_closed_to_others(server: Postgres) -> None:
    server.ensure_database("grid_template", "grid")
    server.ensure_role("tasks")
    server.run_sql("CREATE TABLE kept AS SELECT 7 AS n", "grid_template")

    assert server.clone("grid_template", "grid_1") == server.url_for("grid_1", "grid")

    assert server.run_sql("SELECT n FROM kept", "grid_1") == [(7,)]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        databases.run(server.address("tasks", "grid_1"), "SELECT 1")
    server.drop("grid_1")
    server.drop("grid_1")
    with pytest.raises(LookupError):
        server.clone("grid_1", "grid_2")


def test_what_is_secret_is_private(server: Postgres) -> None:
    assert stat.S_IMODE(server.keep.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.log.stat().st_mode) == 0o600


def test_durability_is_off_for_throwaway_data_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fsync"):
        Postgres(tmp_path, settings={"fsync": "off"})
    assert Postgres(tmp_path, settings={"fsync": "on"}, throwaway=True).settings["fsync"] == "on"


def test_a_server_that_cannot_start_says_why(server: Postgres) -> None:
    server.stop()
    with pytest.raises(ServerFailed, match="no_such_setting"):
        Postgres(server.asked, throwaway=True, settings={"no_such_setting": "1"}).start()


def test_a_cluster_of_another_version_is_refused(server: Postgres) -> None:
    server.stop()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerFailed, match="17"):
        server.start()
    (server.data / "PG_VERSION").unlink()
    with pytest.raises(ServerFailed, match="no database cluster"):
        server.start()


def test_lost_passwords_are_reported(server: Postgres) -> None:
    server.keep.save({"port": server.port, "passwords": {"postgres": "lost"}})
    with pytest.raises(ServerFailed, match="does not fit"):
        server.start()


def test_the_port_of_a_running_server_is_read_from_its_own_note(server: Postgres) -> None:
    kept = server.keep.load()
    server.keep.save({**kept, "port": processes.free_port()})
    assert server.start().port == kept["port"]


def test_nothing_is_known_before_the_first_start(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "none")
    with pytest.raises(ServerFailed, match="no server was ever started"):
        _ = server.port
    server.stop()
    server.kill()
    assert server.pid is None
    assert not server.is_ready()
    assert cluster.recorded_port(tmp_path) is None
    assert not server.asked.exists()


def test_a_damaged_state_is_reported(tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text("{")
    with pytest.raises(ServerFailed, match="damaged"):
        Keep(tmp_path).load()


def test_names_that_need_quoting_are_refused(server: Postgres) -> None:
    for name in ('x"; DROP', "Grid", ""):
        with pytest.raises(ValueError, match="plain"):
            server.drop(name)
    with pytest.raises(ValueError, match="backslash"):
        server.ensure_role("grid", "a\\b")


def test_the_wheel_brings_the_tools() -> None:
    for tool in ("postgres", "initdb", "psql", "pg_dump", "pg_basebackup", "pgbench"):
        assert (pg_bin() / tool).exists()


def test_a_server_that_hangs_is_reported_and_ended_all_the_same(server: Postgres) -> None:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    said: list[str] = []
    hasty = Postgres(server.asked, throwaway=True, patience=1.1, progress=said.append)
    with pytest.raises(ServerFailed, match="does not answer after"):
        hasty.start()
    assert said == []
    hasty.stop()
    assert server.pid is None
    assert server.restart().is_ready()


def test_a_server_that_can_bind_nowhere_gives_up(server: Postgres) -> None:
    server.stop()
    port = server.port
    with pytest.raises(ServerFailed, match="finds no free port"):
        Postgres(server.asked, throwaway=True, settings={"listen_addresses": "192.0.2.1"}).start()
    assert server.port != port


def test_an_initdb_that_fails_says_why_and_leaves_no_cluster(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "initdb").write_text("#!/bin/sh\necho disk full >&2\nexit 1\n")
    (programs / "initdb").chmod(0o755)
    with pytest.raises(ServerFailed, match="initdb failed: disk full"):
        cluster.make(programs, tmp_path / "data", "secret", None, sync=False)
    assert not (tmp_path / "data").exists()
    assert not list(tmp_path.glob(".password*"))


def test_the_note_of_a_live_server_is_not_removed(server: Postgres) -> None:
    cluster.forget_pid(server.data)
    assert server.pid is not None
