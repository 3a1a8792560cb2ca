"""Roles and databases of a cluster 角色与数据库, over a connection of its own per call.

Every function blocks; from a running event loop call it by `asyncio.to_thread`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote as url_quote

import asyncpg

from libs.common.embedded.processes import LOOPBACK, blocking

T = TypeVar("T")

CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 120.0
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Answer(StrEnum):
    """What a server said to a real query."""

    READY = "ready"
    STARTING = "starting or recovering"
    AWAY = "not answering yet"
    FOREIGN = "another server"


@dataclass(frozen=True)
class Address:
    """A database on the loopback address, as a role."""

    port: int
    role: str
    password: str
    database: str

    @property
    def url(self) -> str:
        """For SQLAlchemy with asyncpg."""
        secret = url_quote(self.password, safe="")
        return f"postgresql+asyncpg://{self.role}:{secret}@{LOOPBACK}:{self.port}/{self.database}"


def identifier(name: str) -> str:
    """The name, quoted. Raises `ValueError` for a name that would need care elsewhere."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not a plain lower-case name: {name!r}")
    return f'"{name}"'


def literal(text: str) -> str:
    """The text as an SQL literal, for statements that take no parameters."""
    if "\\" in text or "\0" in text:
        raise ValueError("no backslash and no NUL in a password")
    return "'" + text.replace("'", "''") + "'"


def within(
    address: Address,
    work: Callable[[asyncpg.Connection[Any]], Awaitable[T]],
    seconds: float = COMMAND_SECONDS,
) -> T:
    """Connect, do the work, close; in a loop of its own. Each command may take so many seconds."""

    async def run() -> T:
        connection = await asyncpg.connect(
            host=LOOPBACK,
            port=address.port,
            user=address.role,
            password=address.password,
            database=address.database,
            ssl="disable",
            timeout=CONNECT_SECONDS,
            command_timeout=seconds,
        )
        try:
            done = await work(connection)
        except BaseException:
            connection.terminate()  # in order it would wait for whoever has not answered
            raise
        await connection.close()
        return done

    return blocking(run)


def run(address: Address, sql: str, seconds: float = COMMAND_SECONDS) -> list[tuple[Any, ...]]:
    """Run one statement outside a transaction and answer its rows."""

    async def work(connection: asyncpg.Connection[Any]) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await connection.fetch(sql)]

    return within(address, work, seconds)


def probe(address: Address, data: Path) -> Answer:
    """Ask the server on the port a real question: is it there, ready, and the one of this data folder?

    A process that a killed server left behind may take the question and never answer it.
    """
    try:
        rows = run(address, "SELECT current_setting('data_directory')", CONNECT_SECONDS)
    except asyncpg.CannotConnectNowError:
        return Answer.STARTING
    except asyncpg.TooManyConnectionsError:
        return Answer.READY
    except asyncpg.InvalidAuthorizationSpecificationError:
        return Answer.FOREIGN
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return Answer.AWAY
    return Answer.READY if rows == [(str(data),)] else Answer.FOREIGN


def ensure_role(address: Address, role: str, password: str) -> None:
    """Make the login role, or give it this password."""

    async def work(connection: asyncpg.Connection[Any]) -> None:
        known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if known else "CREATE"
        await connection.execute(f"{verb} ROLE {identifier(role)} LOGIN PASSWORD {literal(password)}")

    within(address, work)


def ensure_database(address: Address, name: str, owner: str) -> None:
    """Make the database of this owner; PUBLIC may connect neither to it nor to the ones that come along."""

    async def work(connection: asyncpg.Connection[Any]) -> None:
        await _alone(connection)
        known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
        if not known:
            await connection.execute(f"CREATE DATABASE {identifier(name)} OWNER {identifier(owner)}")
        for database in (name, "postgres", "template1"):
            await _close_to_public(connection, database)

    within(address, work)


def clone(address: Address, template: str, name: str) -> str:
    """Copy a database and answer its owner.

    Of 60 tables `file_copy` takes 17 ms on a memory disk and `wal_log` 30; on a real disk both take 45.
    """

    async def work(connection: asyncpg.Connection[Any]) -> str:
        owner: str | None = await connection.fetchval(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", template
        )
        if owner is None:
            raise LookupError(f"no database {template!r} to clone")
        await connection.execute(
            f"CREATE DATABASE {identifier(name)} OWNER {identifier(owner)}"
            f" TEMPLATE {identifier(template)} STRATEGY file_copy"
        )
        await _close_to_public(connection, name)
        return owner

    return within(address, work)


def drop(address: Address, name: str) -> None:
    """Drop the database if it exists, cutting off whoever is connected."""

    async def work(connection: asyncpg.Connection[Any]) -> None:
        await connection.execute(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")

    within(address, work)


async def _alone(connection: asyncpg.Connection[Any]) -> None:
    """Let programs that prepare the same cluster take turns; ends with the session."""
    await connection.execute("SELECT pg_advisory_lock(hashtext('jiayuan ensure_database'))")


async def _close_to_public(connection: asyncpg.Connection[Any], database: str) -> None:
    await connection.execute(f"REVOKE ALL ON DATABASE {identifier(database)} FROM PUBLIC")
