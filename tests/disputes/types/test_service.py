"""Dispute types: loaded once, versioned, restated in full state."""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from pathlib import Path

import pytest
import yaml

from libs.common.db import Database
from libs.common.loading import data_folder
from services.disputes.main import SERVICE
from services.disputes.types import service
from services.disputes.types.domain import Basis, TypeFields, TypeUnknown
from tests.disputes.factories import ADMINISTRATOR, MONDAY, outbox

TOPIC = "jiayuan.disputes.type.v1"
TODAY = date(2026, 11, 23)
FIELDS = TypeFields(zh="停车位纠纷", en="Parking places", group="common-space", statistic="物业",
                    basis=Basis.ENTERED, source="区司法局通知")  # fmt: skip


def changed(folder: Path, effective_from: str) -> Path:
    """The file with another name for parking."""
    file = yaml.safe_load((data_folder(SERVICE) / "types.yaml").read_text("utf-8"))
    file["effective_from"] = effective_from
    next(row for row in file["types"] if row["code"] == "parking")["zh"] = "车辆停放纠纷"
    (folder / "types.yaml").write_text(json.dumps(file, ensure_ascii=False, default=str), "utf-8")
    return folder


async def test_loading_again_changes_nothing(database: Database) -> None:
    before = await outbox(database, TOPIC)
    assert len(before) == 25
    told = await database.transact(lambda s: service.load(s, data_folder(SERVICE)))
    assert told == "25 dispute types read, 0 changed"
    assert await outbox(database, TOPIC) == before


async def test_a_changed_row_is_a_new_version_from_the_file_s_date(
    database: Database, tmp_path: Path
) -> None:
    same_date = changed(tmp_path, "2026-01-01")
    assert "0 changed" in await database.transact(lambda s: service.load(s, same_date))
    later = changed(tmp_path, "2026-06-01")
    assert "1 changed" in await database.transact(lambda s: service.load(s, later))
    names = [
        (await database.read(partial(service.type_in_force, code="parking", day=day))).name_zh
        for day in (date(2026, 5, 31), date(2026, 6, 1))
    ]
    assert names == ["停车纠纷", "车辆停放纠纷"]
    told = (await outbox(database, TOPIC))[-1]
    assert (told.version, told.payload["code"]) == (2, "parking")
    assert [v["revision"] for v in told.payload["versions"]] == [1, 2]
    assert told.payload["versions"][0]["effective_to"] == "2026-05-31"


async def test_a_version_of_the_api_outlives_the_file(database: Database, tmp_path: Path) -> None:
    step = (ADMINISTRATOR, MONDAY)
    await database.transact(
        lambda s: service.revise(s, "parking", FIELDS, date(2026, 11, 1), expect=1, step=step)
    )
    assert "0 changed" in await database.transact(lambda s: service.load(s, changed(tmp_path, "2026-06-01")))
    found = await database.read(lambda s: service.type_in_force(s, "parking", TODAY))
    assert (found.name_zh, found.revision) == ("停车位纠纷", 2)
    kept = await database.read(lambda s: service.version(s, found.id))
    assert kept is not None


async def test_what_has_not_begun_or_has_ended_is_unknown(database: Database) -> None:
    await database.transact(
        lambda s: service.end(s, "pets", TODAY, expect=1, actor=ADMINISTRATOR, now=MONDAY)
    )
    for code, day in (("pets", date(2026, 11, 24)), ("parking", date(2025, 12, 31)), ("chess", TODAY)):
        with pytest.raises(TypeUnknown):
            await database.read(partial(service.type_in_force, code=code, day=day))


async def test_restating_bumps_nothing(database: Database) -> None:
    before = await outbox(database, TOPIC)
    last = await database.transact(lambda s: service.restate_types(s, 10, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_types(s, 100, last)) is None
    said = (await outbox(database, TOPIC))[len(before) :]
    assert len(said) == 25
    assert {event.version for event in said} == {1}
