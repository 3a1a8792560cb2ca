"""Inspectors 网格员: patrols in several districts with photos; returns, rework, what is put right at once."""

from __future__ import annotations

from services.demo.book import Story
from services.demo.cases import Case
from services.demo.day import Day

TITLE = "网格员巡查 Inspectors on patrol"
EACH = 12
"""Journeys at size 1."""


async def journey(day: Day, story: Story, number: int) -> None:
    """One case; of twelve one is rejected, two are put right at once, two returned, two reworked."""
    case = Case(day, story, day.place(number), number)
    kind = number % EACH
    before = await case.inspector.photo("grid", day.random)
    if kind in (4, 9):
        await _on_the_spot(case, before)
        return
    await case.report(case.inspector, "inspector", photos=[before])
    if kind == 5:
        await case.reject("现场复核未发现该问题（演示）")
        return
    await case.accept()
    await case.file()
    await _through_the_unit(case, returned=kind in (2, 7), reworked=kind in (3, 8))


async def _on_the_spot(case: Case, before: str) -> None:
    """The inspector puts it right; another one checks it."""
    after = await case.inspector.photo("grid", case.day.random)
    done = {"standard": case.day.standards[case.category], "photos": [after], "note": "已现场清理（演示）"}
    await case.report(case.inspector, "inspector", photos=[before], self_handled=done)
    case.noted("自行处置 put right on the spot")
    await case.check(passed=True)
    await case.close()


async def _through_the_unit(case: Case, *, returned: bool, reworked: bool) -> None:
    """Dispatched, answered, checked and closed."""
    work = await case.dispatch()
    if returned:
        await work.give_back()
        await case.until("returned")
        await case.designate()
        await work.until("assigned")
    await work.sign()
    await work.answer()
    await case.until("checking")
    if reworked:
        await case.check(passed=False)
        await work.until("working")
        await work.answer()
        await case.until("checking")
    await case.check(passed=True)
    await case.close()
