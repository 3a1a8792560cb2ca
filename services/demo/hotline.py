"""The hotline 热线: orders of 12345, verified on site before they are accepted."""

from __future__ import annotations

from services.demo.book import Story
from services.demo.cases import Case
from services.demo.day import Day

TITLE = "12345 工单 Hotline orders"
EACH = 8
CHANNEL = "12345"


async def journey(day: Day, story: Story, number: int) -> None:
    """One order; of four one is urged, one not confirmed on site, one answered with an explanation."""
    case = Case(day, story, day.place(number), number + 1)
    kind = number % 4
    await order(case)
    await case.verify(confirmed=kind != 2)
    if kind == 2:
        await case.reject("经现场核实，未发现所反映问题（演示）")
        return
    await case.accept()
    await case.file()
    work = await case.dispatch()
    if kind == 1:
        await case.urge()
    await work.sign()
    await work.progress()
    await work.answer("explained" if kind == 3 else "solved")
    await case.until("checking")
    await case.check(passed=True)
    await case.close()


async def order(case: Case) -> None:
    """The hotline passes on what a resident told, with the hotline's own number."""
    phone = f"139{case.day.random.randrange(10**8):08d}"
    await case.report(
        case.hotline,
        CHANNEL,
        reporter={"name": "演示市民", "phone": phone, "consent": True},
        source_number=f"YS{case.id[-12:]}",
    )
