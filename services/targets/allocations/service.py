"""Use cases of allocations: share a target out, read the shares, restate. Never commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.targets import AllocationChanged
from libs.common.events.record import Change, Entry, append_many
from libs.common.policy import Principal, sees_area
from libs.common.quantities import converted
from services.targets.allocations import repository
from services.targets.allocations.domain import (
    Balance,
    Share,
    TargetClosed,
    UnitNotKnown,
    Whole,
    allocation_id,
    balance_of,
    check_reserve,
    check_shares,
)
from services.targets.allocations.models import Allocation as Allocation
from services.targets.directory import service as directory
from services.targets.plans import service as plans
from services.targets.plans.domain import PlanState
from services.targets.plans.service import TARGETS, By
from services.targets.rules import service as rules
from services.targets.targets import service as targets
from services.targets.targets.domain import Kind
from services.targets.targets.service import Target


@dataclass(frozen=True)
class Sheet:
    """How a target is shared out (分解表): the shares that the viewer sees, and how all of them add up."""

    target: Target
    items: Sequence[Allocation]
    total: Decimal | None
    """All shares and the reserve, in the target's unit; None where they are not added."""
    balance: Balance


async def sheet(session: AsyncSession, target_id: UUID, viewer: Principal | None = None) -> Sheet:
    """The target's shares in the viewer's areas or of the viewer's unit. Raises `TargetNotFound`."""
    target = await targets.read(session, target_id, viewer)
    rows = await repository.of_targets(session, [target.id])
    return await _sheet(session, target, rows, viewer)


async def of_targets(session: AsyncSession, target_ids: Collection[UUID]) -> dict[UUID, list[Allocation]]:
    """The shares in force of each target, by area and unit."""
    found: dict[UUID, list[Allocation]] = defaultdict(list)
    for row in await repository.of_targets(session, target_ids) if target_ids else ():
        found[row.target_id].append(row)
    return dict(found)


async def of_unit(session: AsyncSession, unit_id: UUID) -> Sequence[Allocation]:
    """The unit's shares in force."""
    return await repository.of_unit(session, unit_id)


async def read_many(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Allocation]:
    """Those of the allocations that exist, by id; those taken back too."""
    return {each.id: each for each in await repository.get_many(session, ids)} if ids else {}


async def allocate(
    session: AsyncSession, target_id: UUID, shares: Sequence[Share], reserve: Decimal | None, by: By
) -> Sheet:
    """Put these shares in the place of the former ones (分解目标); what is left out is taken back.

    Raises `TargetNotFound`, `Stale`, `TargetClosed`, `UnitNotKnown` and what `check_shares` raises.
    """
    target = await targets.locked(session, target_id, by)
    plan = await plans.read(session, target.plan_id)
    if plan.state == PlanState.CONCLUDED:
        raise TargetClosed
    check_shares(shares, whole_of(target))
    check_reserve(reserve, whole_of(target))
    await _check_units(session, shares, by)
    rows = await _replace(session, target, shares, by)
    step = Change("allocate", fields={"shares": len(rows), "reserve": reserve})
    await targets.keep_reserve(session, target, reserve, step, by)
    return await _sheet(session, target, rows, by.viewer)


async def put(session: AsyncSession, target: Target, shares: Sequence[Share], by: By) -> list[Allocation]:
    """The shares of a file, without a look at the directory; none where the target was shared out before.

    The target is locked. Raises what `check_shares` raises.
    """
    check_shares(shares, whole_of(target))
    if await repository.lock_of_target(session, target.id):
        return []
    return await _replace(session, target, shares, by)


def whole_of(target: Target) -> Whole:
    """What is shared out of the target."""
    return Whole(target.area, Kind(target.kind), target.unit, target.base_value)


async def restate_allocations(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the current state of the next allocations through the log again."""
    rows = await repository.after(session, limit, last)
    said = [Entry(state_of(each, each.updated_at), each.id, each.version, TARGETS) for each in rows]
    await append_many(session, said)
    return rows[-1].id if len(rows) == limit else None


def state_of(row: Allocation, happened_at: datetime) -> AllocationChanged:
    """The allocation's full state, as published."""
    return AllocationChanged(
        happened_at=happened_at,
        target_id=row.target_id,
        unit_id=row.unit_id,
        area=row.area,
        share=row.share,
        unit=row.unit,
        base_share=row.base_share,
        ended=row.ended_at is not None,
    )


async def _check_units(session: AsyncSession, shares: Sequence[Share], by: By) -> None:
    ids = {share.unit_id for share in shares}
    able = await directory.units_for_work(session, ids, local_date(by.now))
    for unknown in sorted(ids - able):
        raise UnitNotKnown(unit_id=str(unknown))


async def _replace(
    session: AsyncSession, target: Target, shares: Sequence[Share], by: By
) -> list[Allocation]:
    former = await repository.lock_of_target(session, target.id)
    kept = {allocation_id(target.id, share.unit_id, share.area): share for share in shares}
    changed = [
        row for key, share in kept.items() if (row := _put(session, former.get(key), key, target, share, by))
    ]
    changed += [row for key, row in former.items() if key not in kept and _end(row, by)]
    await session.flush()
    step = Change("allocate")
    said = [Entry(state_of(row, by.now), row.id, row.version, by.actor, by.now, step) for row in changed]
    await append_many(session, said)
    new = {row.id: row for row in changed}
    rows = [new.get(key) or former[key] for key in kept]
    return sorted(rows, key=lambda row: (row.area, row.unit_id))


def _put(
    session: AsyncSession, row: Allocation | None, key: UUID, target: Target, share: Share, by: By
) -> Allocation | None:
    """The row with this share, or None where it stands like that already."""
    if row is not None and row.ended_at is None and (row.share, row.unit) == (share.share, share.unit):
        return None
    if row is None:
        row = Allocation(id=key, version=0, target_id=target.id, unit_id=share.unit_id, area=share.area)
        session.add(row)
    row.share, row.unit, row.base_share = share.share, share.unit, share.base
    row.ended_at = None
    row.version += 1
    row.updated_at = by.now
    return row


def _end(row: Allocation, by: By) -> bool:
    if row.ended_at is not None:
        return False
    row.ended_at = row.updated_at = by.now
    row.version += 1
    return True


async def _sheet(
    session: AsyncSession, target: Target, rows: Sequence[Allocation], viewer: Principal | None
) -> Sheet:
    whole = whole_of(target)
    allowed = (await rules.rules(session)).allocation_tolerance.percent
    shares = [Share(row.unit_id, row.area, row.share, row.unit) for row in rows]
    total, balance = balance_of(shares, target.reserve, whole, allowed)
    seen = [row for row in rows if viewer is None or _sees(viewer, row)]
    shown = None
    if balance is not Balance.NOT_ADDED and target.unit and target.base_unit:
        shown = converted(total, target.base_unit, target.unit)
    return Sheet(target, seen, shown, balance)


def _sees(viewer: Principal, row: Allocation) -> bool:
    return sees_area(viewer, row.area) or row.unit_id == viewer.unit_id
