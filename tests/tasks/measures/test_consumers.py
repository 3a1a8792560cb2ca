from __future__ import annotations

from sqlalchemy import select

from libs.common.contracts.targets import TargetChanged
from libs.common.db import Database
from services.tasks.measures.domain import target_id
from services.tasks.measures.models import KnownTarget
from tests.tasks.measures.factories import hear, target


async def test_a_target_is_kept_as_last_told_however_often(database: Database) -> None:
    event = target("SH-T01", unit="m2")
    later: TargetChanged = event.model_copy(update={"unit": "wan_m2"})
    for told in (event, event, later, later):
        await hear(database, told)
    (kept,) = await database.read(lambda s: s.scalars(select(KnownTarget)))
    assert (kept.id, kept.code, kept.unit) == (target_id("SH-T01"), "SH-T01", "wan_m2")
