"""Loading the targets of the files: new and changed rows publish once, unchanged ones publish nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.events.record import Change, Entry, append_many
from libs.common.service import Loaded
from services.targets.plans import service as plans
from services.targets.plans.domain import PlanFields
from services.targets.plans.service import TARGETS, By
from services.targets.targets import repository
from services.targets.targets.domain import TargetFields
from services.targets.targets.models import Target, TargetValue
from services.targets.targets.service import assign, state_of, value_row, values_of
from services.targets.targets.sources import read_targets


async def load(session: AsyncSession, folder: Path) -> Loaded:
    """Load the targets of the files. A change over the API outlives it until the file's row changes."""
    by = By(TARGETS, utc_now())
    of_plans = await plans.loaded(session)
    rows, refused = read_targets(folder, local_date(by.now).year, of_plans)
    present = await repository.everything(session)
    changed = [(key, f) for key, f in rows if key not in present or present[key].file_digest != f.digest]
    values = await values_of(session, [key for key, _ in changed])
    written = [
        _write(present.get(key) or _new(session, key), fields, of_plans[fields.plan_id], by)
        for key, fields in changed
    ]
    await session.flush()
    session.add_all(_value(target, values.get(target.id, []), by) for target in written)
    step = Change("load")
    await append_many(
        session, [Entry(state_of(t, by.now), t.id, t.version, TARGETS, by.now, step) for t in written]
    )
    new = sum(key not in present for key, _ in changed)
    told = f"{len(rows)} targets: {new} new, {len(changed) - new} changed"
    counted = Counter(of_plans[fields.plan_id].code for _, fields in rows)
    return Loaded(told, tuple(refused), {code: {"targets": count} for code, count in counted.items()})


def _new(session: AsyncSession, target_id: UUID) -> Target:
    target = Target(id=target_id, version=0)
    session.add(target)
    return target


def _write(target: Target, fields: TargetFields, plan: PlanFields, by: By) -> Target:
    assign(target, fields, plan.period_to, by.now)
    target.file_digest = fields.digest
    target.version += 1
    return target


def _value(target: Target, former: list[TargetValue], by: By) -> TargetValue:
    """The file's value counts from the beginning, behind a revision that people made from today on."""
    revised = any(value.effective_from for value in former)
    return value_row(target, target.version, local_date(by.now) if revised else None, "", by)
