"""Makes what the tests of measures need."""

from __future__ import annotations

from typing import Any

from libs.common.contracts.targets import TargetChanged
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.tree import repository_root
from services.tasks.measures import service
from services.tasks.measures.consumers import HANDLERS
from services.tasks.measures.domain import target_id
from tests.support.hearing import hear as heard
from tests.tasks.factories import MONDAY, delivery_of

DATA = repository_root() / "services/tasks/data"


async def load(database: Database) -> None:
    """The measures of the project's file."""
    await database.transact(lambda session: service.load(session, DATA))


def target(code: str, **overrides: Any) -> TargetChanged:
    """What `targets` says of a target whose figures are added."""
    values: dict[str, Any] = {
        "happened_at": MONDAY, "code": code, "plan_id": new_id(), "title_zh": "指标", "title_en": "Target",
        "level": "city", "area": "31", "kind": "sum", "unit": "wan_m2", "origin": "document",
    }  # fmt: skip
    return TargetChanged(**(values | overrides))


async def hear(database: Database, event: TargetChanged) -> None:
    """The bus hands it over."""
    await heard(database, HANDLERS, event, delivery_of(event, target_id(event.code)))
