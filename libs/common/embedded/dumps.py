"""One service's database as a file 数据库备份文件, by the `pg_dump`, `pg_restore` and `psql` of the wheel.

A dump is one snapshot: rows, log and positions of consumers fit each other. What the local bus needs (schema
`bus`) is left out: it is made anew at every start. A restore is one transaction: all of it, or nothing.
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import URL, make_url

from libs.common.embedded.postgres import pg_bin
from libs.common.embedded.processes import ServerFailed, base_environment, gist
from libs.common.migration import TOOLBOX, version_table

CONNECT_SECONDS = 10.0
CHUNK = 1 << 20

_OF_OTHERS = "nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')"
_HEAD = "SELECT log_id::text, epoch, position FROM log_head"
_TABLES = f"""SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND (n.nspname = 'public' OR {_OF_OTHERS})"""  # noqa: S608
_SESSIONS = """SELECT DISTINCT usename || coalesce(' (' || nullif(application_name, '') || ')', '')
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND usename IS NOT NULL ORDER BY 1"""
_EMPTY = f"""DO $empty$ DECLARE each record; BEGIN
    FOR each IN SELECT nspname FROM pg_namespace WHERE {_OF_OTHERS} LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', each.nspname);
    END LOOP;
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
END $empty$"""  # noqa: S608


@dataclass(frozen=True)
class State:
    """What a database holds: server and schema versions, and where its log ends."""

    postgres: str
    revisions: dict[str, str]
    log_id: str
    epoch: int
    position: int


async def dump(service: str, url: str, file: Path) -> State:
    """Write the database to the file and answer what it holds. Raises `ServerFailed`."""
    async with (
        _connected(url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        held = await _state(service, connection)
        options = ("--format=custom", "--no-owner", "--no-privileges", "--exclude-schema=bus")
        async with _running("pg_dump", url, *options, f"--snapshot={snapshot}", f"--file={file}") as dumping:
            _, said = await dumping.communicate()
        _require_success(dumping, "pg_dump", said)
    await asyncio.to_thread(file.chmod, 0o600)
    return held


async def restore(service: str, url: str, file: Path) -> State:
    """Have the database hold what the file holds, and nothing else; answers what that is.

    Raises `ServerFailed`; then the database is as it was.
    """
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
    async with (
        _running(
            "pg_restore", url, "--no-owner", "--no-privileges", "--file=-", str(file), stdout=PIPE
        ) as reading,
        _running("psql", url, *options, f"--command={_EMPTY}", "--file=-", stdin=PIPE) as writing,
    ):
        read, wrote, _ = await asyncio.gather(_said(reading), _said(writing), _pass_on(reading, writing))
    # One that fails has the other killed, and a program that was killed says nothing.
    for program, name, said in ((reading, "pg_restore", read), (writing, "psql", wrote)):
        if said or program.returncode == 0:
            _require_success(program, name, said)
    _require_success(writing, "psql", wrote)
    return await state(service, url)


async def state(service: str, url: str) -> State:
    """What the database holds. Raises `ServerFailed` if it is not the service's."""
    async with _connected(url) as connection:
        return await _state(service, connection)


async def is_empty(url: str) -> bool:
    """Whether the database holds no table."""
    async with _connected(url) as connection:
        return not await connection.fetchval(_TABLES)


async def sessions(url: str) -> list[str]:
    """Who else is connected to the database."""
    async with _connected(url) as connection:
        return [str(row[0]) for row in await connection.fetch(_SESSIONS)]


async def _state(service: str, connection: asyncpg.Connection[Any]) -> State:
    try:
        revisions = {
            history: str(await connection.fetchval(f"SELECT version_num FROM {version_table(history)}"))  # noqa: S608
            for history in (TOOLBOX, service)
        }
        log_id, epoch, position = await connection.fetchrow(_HEAD) or ("", 0, 0)
    except asyncpg.UndefinedTableError as error:
        raise ServerFailed(f"this is no database of {service}: {error}") from error
    return State(str(await connection.fetchval("SHOW server_version")), revisions, log_id, epoch, position)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection without the limits of time that services work under."""
    place = make_url(url)
    plain = place.set(drivername="postgresql", query={"sslmode": _tls(place)})
    try:
        connection = await asyncpg.connect(
            plain.render_as_string(hide_password=False),
            timeout=CONNECT_SECONDS,
            server_settings={
                "application_name": "jiayuan-backup",
                "idle_in_transaction_session_timeout": "0",
            },
        )
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise ServerFailed(f"database {place.database!r} does not answer: {error}") from error
    try:
        yield connection
    finally:
        await connection.close()


def _tls(place: URL) -> str:
    """The mode of encryption, in PostgreSQL's words."""
    return str(place.query.get("ssl", "prefer"))


@asynccontextmanager
async def _running(
    program: str, url: str, *arguments: str, stdin: int = DEVNULL, stdout: int = DEVNULL
) -> AsyncIterator[Process]:
    """One of PostgreSQL's programs on the database; it ends with the block."""
    place = make_url(url)
    known = {
        "PGHOST": place.host or "",
        "PGPORT": str(place.port or 5432),
        "PGUSER": place.username or "",
        "PGPASSWORD": str(place.password or ""),
        "PGDATABASE": place.database or "",
        "PGSSLMODE": _tls(place),
    }
    running = await asyncio.create_subprocess_exec(
        str(pg_bin() / program),
        *arguments,
        stdin=stdin,
        stdout=stdout,
        stderr=PIPE,
        env={**base_environment(), **known},
    )
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await running.wait()


async def _said(program: Process) -> bytes:
    assert program.stderr is not None
    said = await program.stderr.read()
    await program.wait()
    return said


async def _pass_on(reading: Process, writing: Process) -> None:
    """What one program writes is what the other reads. If the first fails, the second may not commit."""
    assert reading.stdout is not None
    assert writing.stdin is not None
    try:
        while chunk := await reading.stdout.read(CHUNK):
            writing.stdin.write(chunk)
            await writing.stdin.drain()
        if await reading.wait():
            writing.kill()
        writing.stdin.close()
        await writing.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        # The writer has ended, and says why. Nobody waits in vain for a program whose output is not read.
        with suppress(ProcessLookupError):
            reading.kill()
        while await reading.stdout.read(CHUNK):
            pass


def _require_success(program: Process, name: str, said: bytes) -> None:
    if program.returncode:
        raise ServerFailed(f"{name} failed: {gist(said.decode(errors='replace'), lines=3)}")
