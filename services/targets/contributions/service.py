"""Use cases of contributions: hear of verified tasks, read. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.targets import ContributionMade
from libs.common.contracts.tasks import TaskCount, TaskVerified
from libs.common.events.record import Change, Entry, append_many
from libs.common.http.paging import Keyset, Paging, Slice
from services.targets.contributions import repository
from services.targets.contributions.domain import Counted, Reason, contribution_id, names_of, weigh
from services.targets.contributions.models import Contribution as Contribution
from services.targets.contributions.models import KnownMeasure as KnownMeasure
from services.targets.figures.domain import Figure, Source
from services.targets.plans.service import TARGETS
from services.targets.targets import service as targets
from services.targets.targets.domain import Kind
from services.targets.targets.service import Target

LATEST = Keyset("contributions-latest", date, UUID)


async def hear_verified(session: AsyncSession, task_id: UUID, told: TaskVerified, now: datetime) -> None:
    """A task was verified: it counts for each target that it names, once (任务计入). `now` is UTC."""
    found = await targets.read_many(session, {count.target_id for count in told.counts})
    for count in told.counts:
        weighed = _weighed(found.get(count.target_id), count)
        row = _row(task_id, told, count, now)
        made = await _keep(session, row, weighed)
        if made is not None:
            step = Change("contribute", None, made.reason)
            event = _fact(made, now)
            await append_many(session, [Entry(event, made.id, made.version, TARGETS, now, step)])


def _weighed(target: Target | None, count: TaskCount) -> Counted:
    kind = None if target is None else Kind(target.kind)
    return weigh(kind, target.unit if target else None, count.quantity, count.unit)


async def _keep(session: AsyncSession, row: dict[str, Any], weighed: Counted) -> Contribution | None:
    """The row, or None where this task was told before; of a lot that counts already it only names it."""
    if await repository.told_before(session, row["id"]):
        return None
    made = await repository.put(session, row | _counted(weighed))
    if made is None and weighed.reason is Reason.COUNTS:
        made = await repository.put(session, row | _counted(Counted(Reason.LOT_COUNTED)))
    return made


def _row(task_id: UUID, told: TaskVerified, count: TaskCount, now: datetime) -> dict[str, Any]:
    return {
        "id": contribution_id(task_id, count.target_id),
        "version": 1,
        "target_id": count.target_id,
        "task_id": task_id,
        "task_number": told.number,
        "measure_id": told.measure_id,
        "unit_id": told.unit_id,
        "area": told.area,
        "verified_on": local_date(told.happened_at),
        "quantity": count.quantity,
        "unit": count.unit,
        "lot": count.lot,
        "evidence_count": told.evidence_count,
        "recorded_at": now,
    }


def _counted(weighed: Counted) -> dict[str, Any]:
    return {
        "reason": weighed.reason,
        "counts": weighed.reason is Reason.COUNTS,
        "base_quantity": weighed.base_quantity,
    }


def _fact(made: Contribution, now: datetime) -> ContributionMade:
    named = ("target_id", "task_id", "area", "counts", "reason", "quantity", "unit", "evidence_count")
    return ContributionMade(happened_at=now, **{name: getattr(made, name) for name in named})


async def figures(session: AsyncSession, target_ids: Collection[UUID]) -> list[Figure]:
    """What tasks brought to the targets and counts, in one statement."""
    return [
        Figure(
            target_id=row.target_id,
            area=row.area,
            first=row.verified_on,
            last=row.verified_on,
            known=row.verified_on,
            source=Source.TASK,
            quantity=row.base_quantity,
            once=names_of(row.task_id, row.lot),
        )
        for row in await repository.counting(session, target_ids)
    ]


async def of_target(session: AsyncSession, target_id: UUID, paging: Paging) -> Slice[Contribution]:
    """What tasks brought to the target, counted or not, the latest first."""
    rows = await repository.of_target(session, target_id, paging.limit + 1, LATEST.after(paging))
    return LATEST.slice(rows, paging, lambda row: (row.verified_on, row.id))


async def measures_of(session: AsyncSession, target_id: UUID) -> Sequence[KnownMeasure]:
    """The measures that serve the target, by code."""
    return await repository.measures_of(session, target_id)


async def last_recorded(session: AsyncSession) -> datetime | None:
    """When a contribution was kept last, UTC."""
    return await repository.last_recorded(session)
