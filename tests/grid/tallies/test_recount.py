"""What is kept equals what the history says, whatever several people have done with the cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.events.sequencer import sequence
from services.grid.lifecycle.domain import OPEN
from services.grid.tallies import service
from services.grid.tallies.domain import Measure, Stock, half_day
from tests.grid.factories import Desk

STEPS = 90
SQUAD = {"squad": "网格处置一队"}
NOT_OURS = {"reason_code": "not-our-duty", "reason": "不属本队"}
ONCE = {
    "report": Measure.REPORTED, "accept": Measure.ACCEPTED, "reject": Measure.REJECTED, "file": Measure.FILED,
    "dispatch": Measure.DISPATCHED, "answer": Measure.ANSWERED, "close": Measure.CLOSED,
    "force-close": Measure.CLOSED, "reopen": Measure.REOPENED, "void": Measure.VOIDED,
}  # fmt: skip
EVERY = {"fail-check": Measure.REWORKED, "return": Measure.RETURNED}

Step = Callable[[Desk, UUID], Awaitable[object]]


def step(action: str, **body: object) -> Step:
    async def take(desk: Desk, case_id: UUID) -> object:
        return await desk.step(case_id, action, body or None)

    return take


async def check(desk: Desk, case_id: UUID, passed: bool) -> None:
    await desk.check(case_id, passed=passed)


NEXT: dict[str, list[Step]] = {
    "reported": [step("accept"), step("accept"), step("reject", reason_code="other", reason="不属实")],
    "accepted": [step("file", standard="found")],
    "filed": [step("dispatch", **SQUAD), step("force-close", reason_code="policy", reason="已列入计划")],
    "dispatched": [step("start"), step("recall", reason="另派"), step("return", **NOT_OURS)],
    "handling": [Desk.answer, Desk.answer, step("recall", reason="另派")],
    "returned": [step("send-back", reason="类别有误"), step("dispatch", **SQUAD, note="另派")],
    "checking": [lambda desk, id_: check(desk, id_, True), lambda desk, id_: check(desk, id_, False)],
    "checked": [step("close", note="结案")],
    "closed": [step("reopen", reason="再次反映")],
}  # fmt: skip


async def count(database: Database) -> None:
    """Everything that has happened, a few events at a time."""
    while await database.transact(sequence):
        pass
    while await database.transact(lambda session: service.count_on(session, utc_now(), limit=7)):
        pass


async def kept(database: Database) -> Counter[tuple[str, datetime]]:
    query = text("SELECT what, half, sum(n) AS n FROM tally GROUP BY what, half HAVING sum(n) <> 0")
    rows = await database.read(lambda session: session.execute(query))
    return Counter({(row.what, half_day(row.half)): row.n for row in rows})


async def recounted(database: Database) -> Counter[tuple[str, datetime]]:
    """The same from the history alone."""
    query = text(
        "SELECT aggregate_id, at, action, to_state, changed FROM history WHERE aggregate_type = 'case'"
        " ORDER BY aggregate_id, version"
    )
    found = Counter[tuple[str, datetime]]()
    seen: set[tuple[UUID, str]] = set()
    open_: set[UUID] = set()
    for row in await database.read(lambda session: session.execute(query)):
        half, id_ = half_day(row.at), row.aggregate_id
        if row.action == "reopen":
            seen = {one for one in seen if one[0] != id_}
        measure = ONCE.get(row.action)
        if measure is not None and (id_, measure) not in seen:
            seen.add((id_, measure))
            found[measure, half] += 1
            if row.changed.get("on_time") and measure is Measure.ANSWERED:
                found[Measure.ANSWERED_ON_TIME, half] += 1
        if row.action in EVERY:
            found[EVERY[row.action], half] += 1
        now_open = row.to_state in OPEN
        found[Stock.OPEN, half] += now_open - (id_ in open_)
        (open_.add if now_open else open_.discard)(id_)
    return Counter({key: n for key, n in found.items() if n})


@pytest.mark.parametrize("seed", range(3))
async def test_kept_is_recounted(desk: Desk, seed: int) -> None:
    random = Random(seed)
    ids = [await desk.report() for _ in range(4)]
    for number in range(STEPS):
        case_id = random.choice(ids)
        ways = NEXT.get((await desk.case(case_id)).state)
        if ways:
            await random.choice(ways)(desk, case_id)
        desk.clock.tick(timedelta(minutes=random.choice((1, 50, 400))))
        if number % 20 == 0:
            ids.append(await desk.report())
            await count(desk.database)
    await count(desk.database)
    found = await kept(desk.database)
    told = {Measure(what) for what in (*ONCE.values(), *EVERY.values())} | {
        Stock.OPEN,
        Measure.ANSWERED_ON_TIME,
    }
    assert {key: n for key, n in found.items() if key[0] in told} == dict(await recounted(desk.database))

    await desk.database.transact(service.count_anew)
    await count(desk.database)
    assert await kept(desk.database) == found, "counted anew it is the same"
    stock = text("SELECT what, sum(n) AS n FROM tally_stock GROUP BY what HAVING sum(n) <> 0")
    stands = {row.what: row.n for row in await desk.database.read(lambda session: session.execute(stock))}
    sums = Counter[str]()
    for (what, _), n in found.items():
        sums[what] += n
    assert stands == {what: n for what, n in sums.items() if n and what in set(Stock)}
