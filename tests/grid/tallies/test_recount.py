"""What is kept equals what the history says, whatever several people have done with the cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import SHANGHAI, utc_now
from libs.common.db import Database
from libs.common.events.sequencer import sequence
from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.cases.jobs import JOBS as SWEEPS
from services.grid.lifecycle.domain import OPEN
from services.grid.tallies import service
from services.grid.tallies.domain import Measure, Stock, half_day
from tests.grid.factories import HANDLER, REPORTER, Desk, upload

STEPS = 120
SQUAD = {"squad": "网格处置一队"}
NOT_OURS = {"reason_code": "not-our-duty", "reason": "不属本队"}
ONCE = {
    "report": Measure.REPORTED, "accept": Measure.ACCEPTED, "reject": Measure.REJECTED, "file": Measure.FILED,
    "dispatch": Measure.DISPATCHED, "answer": Measure.ANSWERED, "close": Measure.CLOSED,
    "force-close": Measure.CLOSED, "reopen": Measure.REOPENED, "void": Measure.VOIDED,
}  # fmt: skip
EVERY = {
    "fail-check": Measure.REWORKED, "return": Measure.RETURNED, "extend": Measure.EXTENDED,
    "suspend": Measure.SUSPENDED,
}  # fmt: skip
ON_TIME = {"answer": Measure.ANSWERED_ON_TIME, "close": Measure.CLOSED_ON_TIME}
JUDGED = {Measure.FELL_DUE: Measure.EXCUSED, Measure.CLOSED: Measure.CLOSED_EXCUSED}
RUNNING = ("dispatched", "handling", "returned")
RATINGS = ("cases_satisfied", "cases_dissatisfied", "cases_not_rated")
TOLD = frozenset(
    {*RATINGS, *ONCE.values(), *EVERY.values(), *ON_TIME.values(), Measure.FELL_DUE, *JUDGED.values(), *Stock}
)

Step = Callable[[Desk, UUID], Awaitable[object]]


def step(action: str, **body: object) -> Step:
    async def take(desk: Desk, case_id: UUID) -> object:
        return await desk.step(case_id, action, body or None)

    return take


async def check(desk: Desk, case_id: UUID, passed: bool) -> None:
    await desk.check(case_id, passed=passed)


async def answer(desk: Desk, case_id: UUID) -> None:
    """With a photo of its own in every round and rework."""
    photo = await upload(desk.database, HANDLER, f"{(await desk.case(case_id)).version:064x}")
    await desk.step(case_id, "answer", {"outcome": "solved", "summary": "已清理", "photos": [photo]})


async def sweep(desk: Desk) -> None:
    await run_once(desk.database, "grid", SWEEPS[0], now=desk.clock.now)


async def defer(desk: Desk, case_id: UUID, kind: str, **body: object) -> None:
    """Asked for in time, and granted when the deadline has passed if it is near."""
    due_at = (await desk.case(case_id)).due_at
    told = {"reason": "待料", **body}
    asked = await desk.post(case_id, f"ask-{kind}", told, role=Role.INSPECTOR, subject=HANDLER)
    if asked.status_code != 200:
        return
    await desk.step(case_id, "approve-deferral", {})
    if due_at is not None and timedelta() < due_at - desk.clock.now < timedelta(hours=12):
        desk.clock.now = due_at + timedelta(minutes=1)
        await sweep(desk)
    await desk.step(case_id, "grant-deferral", {})


async def extend(desk: Desk, case_id: UUID) -> None:
    await defer(desk, case_id, "extension")


async def suspend(desk: Desk, case_id: UUID) -> None:
    await defer(desk, case_id, "suspension", until=(desk.clock.now + timedelta(days=2)).isoformat())


GROUNDS = {"reason_code": "weather", "note": "台风"}


async def appeal(desk: Desk, case_id: UUID) -> None:
    """Asked, if there is a mark; nobody must have decided yet."""
    await desk.post(case_id, "ask-appeal", GROUNDS)


async def decide(desk: Desk, case_id: UUID) -> None:
    """Mostly granted, whichever round it is of."""
    action = "refuse-appeal" if desk.clock.now.minute % 4 == 0 else "grant-appeal"
    await desk.post(case_id, action, {"note": "经核"}, role=Role.DUTY_CHIEF)


async def rate(desk: Desk, case_id: UUID) -> None:
    """By who reported it, once a round."""
    said = ("satisfied", "dissatisfied", None)[desk.clock.now.minute % 3]
    await desk.post(case_id, "rate", {"satisfaction": said}, role=Role.INSPECTOR, subject=REPORTER)


AFTERWARDS: list[Step] = [appeal, appeal, decide, decide, rate]
NEXT: dict[str, list[Step]] = {
    "reported": [step("accept"), step("accept"), step("reject", reason_code="other", reason="不属实")],
    "accepted": [step("file", standard="found")],
    "filed": [step("dispatch", **SQUAD), step("force-close", reason_code="policy", reason="已列入计划")],
    "dispatched": [step("start"), step("recall", reason="另派"), step("return", **NOT_OURS)],
    "handling": [answer, answer, extend, extend, suspend, step("recall", reason="另派")],
    "suspended": [step("resume", note="恢复"), answer],
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


class Recount:
    """What the history of one case says."""

    def __init__(self) -> None:
        self.found = Counter[tuple[str, datetime]]()
        self.seen: set[str] = set()
        self.stood: set[str] = set()
        self.due: datetime | None = None
        self.fell: datetime | None = None
        self.round = 1
        self.excused: set[int] = set()
        self.placed: dict[tuple[int, Measure], datetime] = {}

    def add(self, row: Any) -> None:
        half = half_day(row.at)
        if row.action == "reopen":
            self.seen, self.due, self.fell = set(), None, None
            self.round += 1
        if row.changed.get("due_at"):
            self.due = datetime.fromisoformat(row.changed["due_at"])
        running = row.to_state in RUNNING and self.due is not None
        late = bool(running and self.due < row.at)
        self._deadline(row, late, running)
        for measure in filter(
            None, (ONCE.get(row.action), row.changed.get("on_time") and ON_TIME.get(row.action))
        ):
            self.found[measure, half] += measure not in self.seen
            if measure is Measure.CLOSED:
                self.placed[self.round, measure] = row.at
            self.seen.add(measure)
        if row.action in EVERY:
            self.found[EVERY[row.action], half] += 1
        if row.action == "rate":
            self.found[f"cases_{row.changed['satisfaction'] or 'not_rated'}", half] += 1
        if row.action == "grant-appeal":
            self.excused.add(row.changed["of_round"])
        stands = {Stock.OPEN.value: row.to_state in OPEN, Stock.OVERDUE.value: late}
        stands[Stock.OVERDUE_EXCUSED.value] = late and self.round in self.excused
        for what, now in stands.items():
            begins = self.due if row.action == "mark-overdue" and what == Stock.OVERDUE else row.at
            assert begins is not None
            self.found[what, half_day(begins if now else row.at)] += now - (what in self.stood)
        self.stood = {what for what, now in stands.items() if now}

    def _deadline(self, row: Any, late: bool, running: bool) -> None:
        """The deadline in force has passed unanswered, or after all it has not."""
        answered = row.changed.get("on_time") if row.action == "answer" else None
        if self.fell is not None and (answered or (running and not late)):
            self.found[Measure.FELL_DUE, half_day(self.fell)] -= 1
            self.fell = None
            del self.placed[self.round, Measure.FELL_DUE]
        if answered or (running and not late):
            self.excused.discard(self.round)
        missed = late or answered is False
        if missed and self.fell is None and Measure.ANSWERED_ON_TIME not in self.seen:
            assert self.due is not None
            self.fell = self.due
            self.found[Measure.FELL_DUE, half_day(self.due)] += 1
            self.placed[self.round, Measure.FELL_DUE] = self.due

    def whole(self) -> Counter[tuple[str, datetime]]:
        """With what stands beside the counts of the rounds that were excused in the end."""
        for (round_, measure), at in self.placed.items():
            self.found[JUDGED[measure], half_day(at)] += round_ in self.excused
        return self.found


async def recounted(database: Database) -> Counter[tuple[str, datetime]]:
    """The same from the history alone."""
    query = text(
        "SELECT aggregate_id, at, action, to_state, changed FROM history WHERE aggregate_type = 'case'"
        " ORDER BY aggregate_id, version"
    )
    cases: dict[UUID, Recount] = {}
    for row in await database.read(lambda session: session.execute(query)):
        cases.setdefault(row.aggregate_id, Recount()).add(row)
    found = Counter[tuple[str, datetime]]()
    for case in cases.values():
        found.update(case.whole())
    return Counter({key: n for key, n in found.items() if n})


def total(found: Counter[tuple[str, datetime]], what: str) -> int:
    return sum(n for (one, _), n in found.items() if one == what)


async def due_at_most_once(database: Database) -> bool:
    """Whether no round has both been answered on time and fallen due (应处置数)."""
    query = text("SELECT seen FROM tally_standing")
    both = {Measure.ANSWERED_ON_TIME.value, Measure.FELL_DUE.value}
    return not any(both <= set(row.seen) for row in await database.read(lambda s: s.execute(query)))


@pytest.mark.parametrize("seed", range(2))
async def test_kept_is_recounted(desk: Desk, seed: int) -> None:
    random = Random(seed)
    ids = [await desk.report() for _ in range(4)]
    for number in range(STEPS):
        case_id = random.choice(ids)
        ways = NEXT.get((await desk.case(case_id)).state)
        if ways:
            await random.choice(ways)(desk, case_id)
        if random.random() < 0.4:
            await random.choice(AFTERWARDS)(desk, case_id)
        desk.clock.tick(timedelta(minutes=random.choice((1, 50, 400))))
        if random.random() < 0.5:
            await sweep(desk)
        if number % 20 == 0:
            ids.append(await desk.report())
            await count(desk.database)
    await count(desk.database)
    found = await kept(desk.database)
    assert {key: n for key, n in found.items() if key[0] in TOLD} == dict(await recounted(desk.database))
    assert await due_at_most_once(desk.database)
    for part, whole in ((Measure.EXCUSED, Measure.FELL_DUE), (Stock.OVERDUE_EXCUSED, Stock.OVERDUE)):
        assert total(found, part) <= total(found, whole)
    late = total(found, Measure.CLOSED) - total(found, Measure.CLOSED_ON_TIME)
    assert 0 <= total(found, Measure.CLOSED_EXCUSED) <= late

    await desk.database.transact(service.count_anew)
    await count(desk.database)
    assert await kept(desk.database) == found, "counted anew it is the same"
    stocks = {key: n for key, n in found.items() if key[0] in set(Stock)}
    now, by_month = Counter[str](), Counter[tuple[str, int, int]]()
    for (what, half), n in stocks.items():
        now[what] += n
        by_month[what, half.year, half.month] += n
    assert await stands(desk.database) == {what: n for what, n in now.items() if n}
    assert await grown(desk.database) == {key: n for key, n in by_month.items() if n}


async def stands(database: Database) -> dict[str, int]:
    """What stands now."""
    query = text("SELECT what, sum(n) AS n FROM tally_stock GROUP BY what HAVING sum(n) <> 0")
    return {row.what: row.n for row in await database.read(lambda session: session.execute(query))}


async def grown(database: Database) -> dict[tuple[str, int, int], int]:
    """How much it grew in each month in China."""
    query = text("SELECT what, month, sum(n) AS n FROM tally_month GROUP BY what, month HAVING sum(n) <> 0")
    rows = await database.read(lambda session: session.execute(query))
    months = [(row.what, row.month.astimezone(SHANGHAI), row.n) for row in rows]
    return {(what, month.year, month.month): n for what, month, n in months}
