"""Mediation bodies: loaded quickly and once, found by place and tier, restated."""

from __future__ import annotations

import shutil
import time
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.loading import data_folder
from services.disputes.bodies import service
from services.disputes.bodies.domain import BodyKind, BodyUnknown, NoBodyThere, Tier
from services.disputes.main import SERVICE
from tests.disputes.factories import (
    ADMINISTRATOR,
    CENTRE,
    COMMITTEE,
    MONDAY,
    NEIGHBOURHOOD,
    STUDIO,
    create_bodies,
    create_body,
    outbox,
)

TOPIC = "jiayuan.disputes.body.v1"
TODAY = date(2026, 11, 23)
QUICK_SECONDS = 10.0


def few(folder: Path, rename: bool = False) -> Path:
    """The files with the areas of one neighbourhood only, its town under another name if asked for."""
    for name in ("bodies.yaml", "areas.csv"):
        shutil.copy(data_folder(SERVICE) / name, folder)
    lines = (folder / "areas.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if NEIGHBOURHOOD.startswith(line.split(",")[0]) or "code" in line]
    told = "\n".join(kept)
    (folder / "areas.csv").write_text(told.replace("曹杨新村街道", "曹杨街道") if rename else told, "utf-8")
    return folder


async def test_the_city_loads_in_seconds_and_once(empty_database: Database) -> None:
    database, folder = empty_database, data_folder(SERVICE)
    began = time.monotonic()
    told = await database.transact(lambda s: service.load(s, folder))
    assert (told, time.monotonic() - began < QUICK_SECONDS) == ("6759 bodies: 6759 new, 0 changed", True)
    assert len(await outbox(database, TOPIC)) == 6759
    assert await database.transact(lambda s: service.load(s, folder)) == "6759 bodies: 0 new, 0 changed"
    assert len(await outbox(database, TOPIC)) == 6759
    body = await database.read(lambda s: service.body(s, STUDIO))
    assert (body.code, body.version) == (f"{NEIGHBOURHOOD}.studio", 1)


async def test_a_renamed_town_changes_its_bodies_unless_a_person_did(
    empty_database: Database, tmp_path: Path
) -> None:
    database = empty_database
    await database.transact(lambda s: service.load(s, few(tmp_path)))
    told = await database.transact(lambda s: service.load(s, few(tmp_path, rename=True)))
    assert told == "3 bodies: 0 new, 2 changed"  # the studio's number names the town
    said = (await outbox(database, TOPIC))[-1]
    assert (said.version, said.payload["kind"]) == (2, "studio")
    await database.transact(
        lambda s: service.change(
            s, CENTRE, {"name_zh": "曹杨联合中心"}, expect=2, actor=ADMINISTRATOR, now=MONDAY
        )
    )
    assert "0 changed" in await database.transact(lambda s: service.load(s, few(tmp_path, rename=True)))
    assert (await database.read(lambda s: service.body(s, CENTRE))).name_zh == "曹杨联合中心"


async def test_the_body_of_a_place_and_tier(empty_database: Database) -> None:
    database = empty_database
    await create_bodies(database)
    await create_body(database, Tier.TOWNSHIP, code="310107005.social-1", kind=BodyKind.SOCIAL_ORG)
    for tier, key in ((Tier.NEIGHBOURHOOD, STUDIO), (Tier.TOWNSHIP, CENTRE), (Tier.DISTRICT, COMMITTEE)):
        place = f"{NEIGHBOURHOOD}002"
        found = await database.read(partial(service.body_for, area=place, tier=tier, day=TODAY))
        assert found.id == key
    with pytest.raises(NoBodyThere):
        await database.read(lambda s: service.body_for(s, "310101002", Tier.TOWNSHIP, TODAY))


async def test_an_ended_body_is_given_nothing(empty_database: Database) -> None:
    database = empty_database
    await create_body(database, Tier.TOWNSHIP, valid_to=date(2026, 1, 1))
    assert (await database.read(lambda s: service.body(s, CENTRE))).id == CENTRE
    assert list(await database.read(lambda s: service.names(s, [CENTRE, new_id()]))) == [CENTRE]
    for key in (CENTRE, new_id()):
        with pytest.raises(BodyUnknown):
            await database.read(partial(service.body_in_force, body_id=key, day=TODAY))
    with pytest.raises(NoBodyThere):
        await database.read(lambda s: service.body_for(s, NEIGHBOURHOOD, Tier.TOWNSHIP, TODAY))


async def test_restating_bumps_nothing(empty_database: Database) -> None:
    database = empty_database
    await create_bodies(database)
    last = await database.transact(lambda s: service.restate_bodies(s, 2, None))
    assert last is not None
    assert await database.transact(lambda s: service.restate_bodies(s, 2, last)) is None
    said = (await outbox(database, TOPIC))[3:]
    assert (len(said), {event.version for event in said}) == (3, {1})
    assert "phone" not in said[0].payload
