"""Target reports 目标填报: units report on the demonstration plan, the officer accepts or sends back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from libs.common.policy import Role
from services.demo.book import Story
from services.demo.client import SWEEP_SECONDS, awaited
from services.demo.day import Day
from services.demo.people import CITY, Person

TITLE = "目标填报 Target reports"
EACH = 8
REPORTS = "/targets/v1/reports"
TARGETS = "/targets/v1/targets"
BEHIND = Decimal("0.5")
USUAL = Decimal("0.98")


async def begin(day: Day, count: int) -> Sequence[Any]:
    """So many reports to give: what units owe of the demonstration plan, else accepted ones to correct."""
    officer = _officer(day)
    plan = f"demo-{date.today().year}"  # noqa: DTZ011 - the year of the place where the demonstration runs
    plans = await officer.every("/targets/v1/plans", demonstration=True, state="in_force")
    found = next((each for each in plans if each["code"] == plan), None)
    if found is None:
        raise LookupError(f"the demonstration plan {plan} is not in force")
    targets = {each["id"]: each for each in await officer.every(TARGETS, plan=found["id"])}
    shares = await _shares(officer, list(targets))

    async def look() -> list[Any] | None:
        return await _owed(officer, targets, shares, count) or None

    what = f"something to be reported on {plan}"
    return list(enumerate(await awaited(what, look, SWEEP_SECONDS)))


async def _owed(
    officer: Person, targets: Mapping[str, Any], shares: Mapping[str, Any], count: int
) -> list[Any]:
    """Reports that units owe, with their targets and shares; where there are too few, accepted ones too."""
    work: list[Any] = []
    for asked in ({"show": "turn"}, {"state": "accepted"}):
        rows = await officer.every(REPORTS, **asked)
        known = [row for row in rows if row["target_id"] in targets and row["allocation_id"] in shares]
        work += [(row, targets[row["target_id"]], shares[row["allocation_id"]]) for row in known]
        if len(work) >= count:
            break
    return work[:count]


async def journey(day: Day, story: Story, work: Any) -> None:
    """One report: given by the unit's clerk, of four one is sent back once, then accepted."""
    number, (row, target, share) = work
    officer = _officer(day)
    clerk = day.people.one(Role.UNIT_CLERK, unit_id=row["unit_id"])
    path = f"{REPORTS}/{row['id']}"
    figures = await _figures(day, clerk, (row, target, share))
    if row["state"] == "accepted":
        await clerk.step(path, "correct", **figures, reason="复核后更正（演示）")
        story.noted("targets", "更正 corrected")
    else:
        await clerk.step(path, "submit", **figures)
        story.noted("targets", "提交 submitted")
    if number % 4 == 1:
        await officer.step(path, "send-back", note="请核对口径后重报（演示）")
        story.noted("targets", "退回 sent back")
        await clerk.step(path, "submit", **figures)
        story.noted("targets", "提交 submitted")
    await officer.step(path, "accept", note="数据已核对（演示）")
    story.noted("targets", "审定 accepted")
    day.book.expect("审定填报 reports accepted", officer, path, lambda report: report["state"] == "accepted")


def _officer(day: Day) -> Person:
    return day.people.one(Role.TARGET_OFFICER, CITY)


async def _shares(officer: Person, targets: Sequence[str]) -> dict[str, Any]:
    """The shares of the targets, by id."""
    sheets = [await officer.get(f"{TARGETS}/{target}/allocations") for target in targets]
    return {item["id"]: item for sheet in sheets for item in sheet["items"]}


async def _figures(day: Day, clerk: Person, work: Any) -> dict[str, Any]:
    """What a unit would report, mostly on schedule: figures of the kind that the target is measured by."""
    row, target, share = work
    note = {"note": "演示数据"}
    if target["kind"] == "rate":
        done = day.random.randrange(900, 1000)
        return {"numerator": str(done), "denominator": "1000", **note}
    if target["kind"] in ("boolean", "qualitative"):
        return {"done": True, "photos": [await clerk.photo("targets", day.random)], **note}
    first, last = date.fromisoformat(row["period_first"]), date.fromisoformat(row["period_last"])
    whole = Decimal(share["share"] or "1")
    part = Decimal((last - first).days + 1) / 366 if target["kind"] in ("sum", "count") else Decimal(1)
    pace = BEHIND if day.random.random() < 0.1 else USUAL
    quantity = whole * part * pace
    told = quantity.quantize(Decimal("0.01")) if target["kind"] == "sum" else quantity.to_integral_value()
    return {"quantity": str(told), "unit": share["unit"] or target["unit"], **note}
