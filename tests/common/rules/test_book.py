"""The rule book: files, changes, restatements, and what stands against a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase

from libs.common.db import Database
from libs.common.errors import Conflict
from libs.common.events.contract import DataClass, Event, Topic
from libs.common.events.models import History, Outbox, ToolboxBase
from libs.common.policy import Actor
from libs.common.rules.book import Rulebook
from libs.common.rules.domain import (
    RuleBeforeLast,
    RuleNotYet,
    RuleRow,
    RuleUnknown,
    RuleValueInvalid,
    Value,
    check_dates,
    shaped,
)
from libs.common.rules.models import RuleTable
from tests.support.stores import NewStore

RULES = Topic(owner="grid", noun="sample-rule", data_class=DataClass.PUBLIC, full_state=True)
NOW = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
CHIEF = Actor("chief", "administrator")


class SampleRuleChanged(Event, topic=RULES, verb="changed"):
    """The full state of a rule."""

    key: str
    value: dict[str, Any]
    source: str
    assumption: bool
    effective_from: date


class Base(DeclarativeBase):
    """A MetaData of the test's own."""

    type_annotation_map = ToolboxBase.type_annotation_map


class Rule(RuleTable, Base):
    """A rule."""


class Hours(Value):
    """Opening hours."""

    opens: int
    closes: int


class Shut(Conflict):
    """A library that never opens."""

    code = "never-open"
    zh = "闭馆"
    en = "never open"


def check(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if key != "hours":
        raise RuleUnknown(key=key)
    return shaped(key, value, Hours).model_dump(mode="json")


def read(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Hours]:
    return {key: Hours.model_validate(value) for key, value in rows}


def together(rules: dict[str, Hours]) -> None:
    if rules["hours"].opens == rules["hours"].closes:
        raise Shut


BOOK: Rulebook[Rule, dict[str, Hours]] = Rulebook(
    Rule, SampleRuleChanged, owner="grid", check=check, read=read, together=together
)


@pytest.fixture
async def store(new_store: NewStore) -> Database:
    """A database with the table of rules."""
    database = await new_store("grid")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the file lies."""
    write(tmp_path, "2026-01-01", "{opens: 9, closes: 17}")
    return tmp_path


def write(folder: Path, since: str, hours: str) -> None:
    row = f"{{key: hours, source: assumption, value: {hours}}}"
    (folder / "rules.yaml").write_text(f"effective_from: {since}\nrules:\n  - {row}\n", "utf-8")


async def told(store: Database) -> list[tuple[int, bool, bool]]:
    """Version, assumption and whether it is a restatement, of every event."""
    rows = await store.read(lambda s: s.scalars(select(Outbox).order_by(Outbox.id)))
    events = [(row, SampleRuleChanged.model_validate_json(row.payload)) for row in rows]
    return [(row.version, event.assumption, row.restatement) for row, event in events]


async def load(store: Database, folder: Path) -> str:
    return await store.transact(partial(BOOK.load, folder=folder))


async def change(store: Database, value: dict[str, Any], since: date, key: str = "hours") -> Rule:
    row = RuleRow(key=key, value=value, source="馆长办公室 2026 年第 3 号通知")
    return await store.transact(partial(BOOK.change, row=row, effective_from=since, actor=CHIEF, now=NOW))


async def test_a_file_is_loaded_once_and_again_when_it_is_newer(store: Database, folder: Path) -> None:
    assert await store.read(BOOK.in_force) == {}
    assert await load(store, folder) == "rules: 1 read, 1 changed"
    assert await load(store, folder) == "rules: 1 read, 0 changed"
    write(folder, "2026-02-01", "{opens: 10, closes: 17}")
    assert await load(store, folder) == "rules: 1 read, 1 changed"
    assert await store.read(BOOK.in_force) == {"hours": Hours(opens=10, closes=17)}
    assert await told(store) == [(1, True, False), (2, True, False)]


async def test_what_was_changed_since_the_files_date_stays(store: Database, folder: Path) -> None:
    await load(store, folder)
    changed = await change(store, {"opens": 8, "closes": 20}, date(2026, 7, 1))
    assert (changed.version, changed.assumption) == (2, False)
    write(folder, "2026-06-30", "{opens: 11, closes: 12}")
    assert await load(store, folder) == "rules: 1 read, 0 changed"
    (rule,) = await store.read(BOOK.all)
    assert rule.value == {"opens": 8, "closes": 20}
    (_, step) = await store.read(lambda s: s.scalars(select(History).order_by(History.version)))
    assert step.changed == {"from": {"opens": 9, "closes": 17}, "to": {"opens": 8, "closes": 20}}
    assert (step.actor, step.action) == ("chief", "change-rule")


@pytest.mark.parametrize(
    ("value", "since", "refusal"),
    [
        ({"opens": 8}, date(2026, 7, 1), RuleValueInvalid),
        ({"opens": 8, "closes": 9}, date(2026, 7, 2), RuleNotYet),
        ({"opens": 8, "closes": 9}, date(2025, 12, 31), RuleBeforeLast),
        ({"opens": 8, "closes": 8}, date(2026, 7, 1), Shut),
    ],
)
async def test_what_stands_against_a_change_leaves_everything(
    store: Database, folder: Path, value: dict[str, Any], since: date, refusal: type[Exception]
) -> None:
    await load(store, folder)
    with pytest.raises(refusal):
        await change(store, value, since)
    assert await store.read(BOOK.in_force) == {"hours": Hours(opens=9, closes=17)}
    assert len(await told(store)) == 1


async def test_a_key_that_nobody_knows_is_refused(store: Database, folder: Path) -> None:
    await load(store, folder)
    with pytest.raises(RuleUnknown):
        await change(store, {}, date(2026, 7, 1), key="days")


async def test_rules_are_said_again(store: Database, folder: Path) -> None:
    await load(store, folder)
    last = await store.transact(partial(BOOK.restate, limit=10, after=None))
    assert last is not None
    assert await store.transact(partial(BOOK.restate, limit=10, after=last)) is None
    assert await told(store) == [(1, True, False), (1, True, True)]


def test_a_fault_is_pointed_at() -> None:
    with pytest.raises(RuleValueInvalid) as told:
        shaped("hours", {"opens": "early", "closes": 9}, Hours)
    assert told.value.pointer == "/value/opens"
    check_dates(date(2026, 1, 1), last=date(2026, 1, 1), today=date(2026, 1, 1))
