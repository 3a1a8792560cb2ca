"""Inspectors who come back from the dead spot: nothing lost, nothing twice, every conflict told.

`INSPECTORS=200 SEED=7 pytest tests/grid/syncs/test_crowd.py` for more of them, or for another turn of events.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.grid.factories import Desk, outbox, upload
from tests.grid.syncs.crowd import CUT_SECONDS, Device
from tests.grid.syncs.device import Item, report, step

INSPECTORS = int(os.environ.get("INSPECTORS", "20"))
SEED = int(os.environ.get("SEED", "20261127"))
CONTESTED = max(INSPECTORS // 2, 2)
"""Cases that several inspectors have read at the same version and go on with."""


def supplement(case_id: UUID | str, *, base: int | None = None, after: Item | None = None) -> Item:
    """A step that leaves its own id in the history."""
    made = step(case_id, "supplement", base=base, after=after)
    return made | {"body": {"text": made["operation_id"]}}


def fill(device: Device, photo: str, contested: Sequence[UUID]) -> None:
    """A day's work: own reports with steps behind them, and cases that others go on with as well."""
    at_once = {"standard": "found", "photos": [photo], "note": "已现场清理"}
    for number in range(4):
        made = report(photos=[photo], **({"self_handled": at_once} if number == 0 else {}))
        first = supplement(made["operation_id"], after=made)
        device.queue += [made, first, supplement(made["operation_id"], after=first)]
    for case_id in device.chance.sample(list(contested), 2):
        first = supplement(case_id, base=1)
        device.queue += [first, supplement(case_id, after=first)]
    device.chance.shuffle(device.queue)


async def steps(desk: Desk) -> list[Any]:
    """Every row of the history of cases."""
    query = text("SELECT aggregate_id, version, action, note FROM history WHERE aggregate_type = 'case'")
    return list(await desk.database.read(lambda s: s.execute(query)))


async def test_nothing_is_lost_nothing_is_done_twice_and_every_conflict_is_told(desk: Desk) -> None:
    contested = [await desk.report() for _ in range(CONTESTED)]
    chance = random.Random(SEED)
    devices = [
        Device(desk.client, f"inspector-{number}", chance.getrandbits(32)) for number in range(INSPECTORS)
    ]
    for device in devices:
        fill(device, await upload(desk.database, device.subject, "e" * 64), contested)
    asked = [dict(item) for device in devices for item in device.queue]
    await asyncio.gather(*(device.empty() for device in devices))
    await asyncio.sleep(CUT_SECONDS)  # what a cut connection had begun

    history = await steps(desk)
    given_up = set().union(*(device.given_up for device in devices))
    done = {name: item for device in devices for name, item in device.done.items()}
    assert given_up | done.keys() == {item["operation_id"] for item in asked}
    assert not given_up & done.keys()
    _each_once(history, done, given_up)
    _never_silently(history, done)
    assert sum(len(device.conflicts) for device in devices) >= CONTESTED / 2
    events = await outbox(desk.database)
    assert Counter((one.aggregate_id, one.version) for one in events) == Counter(
        (row.aggregate_id, row.version) for row in history
    )


def _each_once(history: Sequence[Any], done: dict[str, Item], given_up: set[str]) -> None:
    """0 lost, 0 duplicated: every operation that was answered stands in the history once, no other does."""
    reported = Counter(str(row.aggregate_id) for row in history if row.action == "report")
    supplemented = Counter(row.note for row in history if row.action == "supplement")
    for name, item in done.items():
        found = reported if item["action"] == "report" else supplemented
        assert found[name] == 1, (item, found[name])
    assert set(supplemented) <= done.keys() | given_up
    assert sum(supplemented.values()) == len(supplemented)
    assert [name for name in given_up if name in supplemented] == []


def _never_silently(history: Sequence[Any], done: dict[str, Item]) -> None:
    """Every step was made from the very version that the device had seen, or behind its own last one."""
    version_of = {row.note: row.version for row in history if row.action == "supplement"}
    for name, item in done.items():
        if item["action"] == "report":
            continue
        before = item.get("base_version") or done[item["after"]]["version"]
        assert (version_of[name], item["version"]) == (before + 1, before + 1), item
