"""Scope as SQL: the right rows, by the indexes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Text, column, false, select, table, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from libs.common.embedded.processes import blocking
from libs.common.policy import Principal, Role
from libs.common.scoping import in_scope, narrowed, outermost, within
from tests.support.databases import Databases

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ESTATE = UUID(int=1)
AREAS = ("310107005001001", "310107005002001", "310107006001001", "310112001001001")

case = table("scoped", column("area", Text()), column("estate"))


def someone(*areas: str) -> Principal:
    return Principal("s", "n", frozenset({Role.LEADER}), areas=areas)


def _build(url: str) -> None:
    async def run() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE scoped (area text NOT NULL, estate uuid)"))
            for code in AREAS:
                await connection.execute(text("INSERT INTO scoped VALUES (:code, NULL)"), {"code": code})
            await connection.execute(
                text("INSERT INTO scoped VALUES ('320101001001001', :estate)"), {"estate": ESTATE}
            )
            for length in (6, 9, 12):
                await connection.execute(text(f"CREATE INDEX by_{length} ON scoped (left(area, {length}))"))
        await engine.dispose()

    blocking(run)


@pytest.fixture(scope="module")
async def engine(databases: Databases) -> AsyncIterator[AsyncEngine]:
    template = await asyncio.to_thread(databases.template, "scoped", _build)
    name, url = await asyncio.to_thread(databases.clone, template)
    made = create_async_engine(url)
    yield made
    await made.dispose()
    await asyncio.to_thread(databases.drop, name)


async def seen(engine: AsyncEngine, principal: Principal, **more: Any) -> list[str]:
    condition = in_scope(principal, case.c.area, **more)
    async with engine.connect() as connection:
        return sorted((await connection.execute(select(case.c.area).where(condition))).scalars())


@pytest.mark.parametrize(
    "areas, rows",
    [
        ((), ()),
        (("31",), AREAS),
        (("3101",), AREAS),
        (("310107",), AREAS[:3]),
        (("310107005", "310107006"), AREAS[:3]),
        (("310107005001", "310112"), (AREAS[0], AREAS[3])),
        (("310107005002001",), AREAS[1:2]),
        (("310107005002001", "310107006001001", "310107005001002"), AREAS[1:3]),
        (("3101070", "31010700500"), AREAS[:3]),
        (("32", "3101"), (*AREAS, "320101001001001")),
        (("3",), (*AREAS, "320101001001001")),
        (("310107", "310107005"), AREAS[:3]),
    ],
)
async def test_rows_of_the_scope(engine: AsyncEngine, areas: tuple[str, ...], rows: tuple[str, ...]) -> None:
    assert await seen(engine, someone(*areas)) == list(rows)


async def test_area_asked_for_narrows_and_never_widens(engine: AsyncEngine) -> None:
    town = someone("310107005")
    assert await seen(engine, town, asked="310107") == list(AREAS[:2])
    assert await seen(engine, town, asked="310107005001") == [AREAS[0]]
    assert await seen(engine, town, asked="310112") == []


async def test_estates_count_while_the_term_lasts(engine: AsyncEngine) -> None:
    firm = replace(someone(), estates=(ESTATE,), until=NOW + timedelta(days=1))
    assert await seen(engine, firm, estate=case.c.estate, now=NOW) == ["320101001001001"]
    assert await seen(engine, firm, estate=case.c.estate, now=NOW, asked="310107") == []
    assert await seen(engine, firm, estate=case.c.estate, now=NOW + timedelta(days=1)) == []
    assert await seen(engine, firm, estate=case.c.estate) == []


@pytest.mark.parametrize(
    "code, index",
    [
        ("31", "by_6"),
        ("3101", "by_6"),
        ("310107", "by_6"),
        ("310107005", "by_9"),
        ("310107005001", "by_12"),
        ("310107005001001", "by_12"),
    ],
)
async def test_the_index_on_the_prefix_serves(engine: AsyncEngine, code: str, index: str) -> None:
    statement = select(case.c.area).where(within(case.c.area, [code]))
    compiled = statement.compile(engine, compile_kwargs={"literal_binds": True})
    async with engine.connect() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = (await connection.execute(text(f"EXPLAIN {compiled}"))).scalars().all()
    assert index in "\n".join(plan)


def test_no_codes_no_rows() -> None:
    assert within(case.c.area, []).compare(false())


def test_outermost_and_narrowed() -> None:
    assert outermost([]) == []
    assert outermost(["31", "310107"]) == ["31"]
    assert narrowed(someone("310107005", "310112"), "310107") == ["310107005"]
    assert narrowed(someone("31"), "310107") == ["310107"]
