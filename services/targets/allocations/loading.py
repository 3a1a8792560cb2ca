"""Loading the shares of the demonstration: only where nobody has shared the target out otherwise."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.errors import DomainError
from libs.common.events.record import Change
from libs.common.service import Loaded, Refused
from services.targets.allocations.service import put
from services.targets.allocations.sources import read_shares
from services.targets.plans.service import DEMONSTRATION, TARGETS, By
from services.targets.targets import service as targets


async def load(session: AsyncSession, folder: Path) -> Loaded:
    """Share out the demonstration's targets that are not shared out yet; what people changed stays."""
    by = By(TARGETS, utc_now())
    year = local_date(by.now).year
    given = read_shares(folder, year)
    present = await targets.read_many(session, list(given))
    refused: list[Refused] = []
    new = 0
    for target_id in sorted(given, key=lambda key: present[key].code if key in present else ""):
        if target_id not in present:
            refused.append(Refused(DEMONSTRATION, str(target_id), "目标未装载 · the target is not loaded"))
            continue
        target = await targets.locked(session, target_id, by)
        shares, reserve = given[target_id]
        try:
            rows = await put(session, target, shares, by)
        except DomainError as error:
            refused.append(Refused(DEMONSTRATION, target.code, error.text("zh")))
            continue
        new += len(rows)
        if rows:
            step = Change("allocate", fields={"shares": len(rows), "reserve": reserve})
            await targets.keep_reserve(session, target, reserve, step, by)
    total = sum(len(shares) for shares, _ in given.values())
    told = {f"demo-{year}": {"allocations": total}}
    return Loaded(f"{total} allocations: {new} new", tuple(refused), told)
