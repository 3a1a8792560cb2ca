"""Every statement of the routing read models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Executable, Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.routing.models import KnownDuty, KnownUnit


def _putting(table: Table) -> Executable:
    """The statement that keeps a row as it is now: made once, since making it costs more than running it."""
    added = insert(table)
    changed = {column.name: added.excluded[column.name] for column in table.c if not column.primary_key}
    return added.values({column.name: bindparam(column.name) for column in table.c}).on_conflict_do_update(
        index_elements=list(table.primary_key), set_=changed
    )


_UNITS, _DUTIES = (cast(Table, model.__table__) for model in (KnownUnit, KnownDuty))
_PUT_UNIT, _PUT_DUTY = _putting(_UNITS), _putting(_DUTIES)


async def put_unit(session: AsyncSession, unit_id: UUID, columns: dict[str, Any]) -> None:
    """The unit as it is now."""
    await (await session.connection()).execute(_PUT_UNIT, {"id": unit_id, **columns})


async def put_duty(session: AsyncSession, duty_id: UUID, columns: dict[str, Any]) -> None:
    """The row of the duty list as it is now."""
    await (await session.connection()).execute(_PUT_DUTY, {"id": duty_id, **columns})


async def list_duties(session: AsyncSession, category: str, areas: Iterable[str]) -> Sequence[KnownDuty]:
    """The rows for the category in any of the areas."""
    query = select(KnownDuty).where(KnownDuty.category == category, KnownDuty.area.in_(list(areas)))
    return (await session.scalars(query)).all()


async def list_units(session: AsyncSession, unit_ids: Iterable[UUID]) -> Sequence[KnownUnit]:
    """The units with these ids."""
    wanted = list(unit_ids)
    return (await session.scalars(select(KnownUnit).where(KnownUnit.id.in_(wanted)))).all() if wanted else []
