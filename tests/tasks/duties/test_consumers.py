from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from libs.common.contracts.grid import CategoryChanged
from libs.common.db import Database
from libs.common.ids import new_id
from services.tasks.duties.consumers import HANDLERS
from services.tasks.duties.models import KnownCategory
from tests.support.hearing import hear as heard
from tests.tasks.factories import MONDAY, delivery_of


async def hear(database: Database, event: CategoryChanged, category_id: UUID) -> None:
    await heard(database, HANDLERS, event, delivery_of(event, category_id), times=1)


async def test_a_category_is_kept_as_last_told_however_often(database: Database) -> None:
    category_id = new_id()
    event = CategoryChanged(
        happened_at=MONDAY, code="0202", name_zh="楼道堆物", name_en="Corridor clutter",
        group_code="02", group_zh="消防", group_en="Fire", squad=True, named_in={},
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    later = event.model_copy(update={"valid_to": date(2026, 12, 31)})
    for told in (event, event, later, later):
        await hear(database, told, category_id)
    (kept,) = await database.read(lambda s: s.scalars(select(KnownCategory)))
    assert (kept.id, kept.code, kept.valid_to) == (category_id, "0202", date(2026, 12, 31))
