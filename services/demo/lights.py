"""Lights 红灯督办: figures far behind turn a light red, supervision is proposed, issued, worked on, verified.

And a measure's task that counts for a target. Both play in a small plan of the day's own, so that the
demonstration plan of the year is left to its units; its targets carry the id that every service derives from
their code, by which a task names what it counts for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from libs.common.ids import new_id, stable_id
from libs.common.policy import Role
from services.demo.book import Story
from services.demo.client import SWEEP_SECONDS, Refused, awaited
from services.demo.day import DISTRICTS, Day
from services.demo.people import Person
from services.demo.tasks import TASKS, Work

RED_TITLE = "红灯督办 A light turns red"
MEASURE_TITLE = "举措计入目标 A measure counts for a target"
RED_EACH, MEASURE_EACH = 1, 2
DISTRICT = DISTRICTS[0]
BEGAN_DAYS, LASTS_DAYS = 300, 365
SUPERVISIONS = "/tasks/v1/supervisions"
TARGETS = "/targets/v1/targets"
DUE = timedelta(days=14)


@dataclass(frozen=True)
class Stage:
    """A target of the day's plan: where it plays and who owes it."""

    plan_id: str
    code: str
    unit_id: str
    town: str

    @property
    def id(self) -> str:
        """As every service derives it."""
        return str(stable_id("target", self.code))

    @property
    def path(self) -> str:
        """The target."""
        return f"{TARGETS}/{self.id}"


async def begin(day: Day, count: int) -> Sequence[Any]:
    """A plan of the day in force, and for each journey a target in it."""
    officer, plan_id, name = _officer(day), str(new_id()), new_id().hex[-10:]
    first = date.today() - timedelta(days=BEGAN_DAYS)  # noqa: DTZ011 - days of the place where it runs
    body = {
        "code": f"demo-day-{name}",
        "title_zh": f"演示日计划 {name}",
        "title_en": f"Plan of a demonstration day {name}",
        "level": "district",
        "area": DISTRICT,
        "period_from": first.isoformat(),
        "period_to": (first + timedelta(days=LASTS_DAYS)).isoformat(),
        "demonstration": True,
    }
    await officer.put(f"/targets/v1/plans/{plan_id}", body)
    await officer.step(f"/targets/v1/plans/{plan_id}", "put-in-force", note="演示")
    towns = sorted({place.town for place in day.places if place.district == DISTRICT})
    stages = []
    for number in range(count):
        town = towns[number % len(towns)]
        units = await day.anyone.get("/tasks/v1/units", area=town, kind="housing-office", limit=1)
        unit_id = units["items"][0]["id"]
        stages.append(Stage(plan_id, f"demo-day-{name}-{number + 1:03d}", unit_id, town))
    return stages


async def red(day: Day, story: Story, stage: Stage) -> None:
    """From a figure far behind the schedule to the verified end of the supervision."""
    officer = _officer(day)
    await _enter(day, story, stage)
    await awaited(f"unit of {stage.code} known to targets", partial(_shared, officer, stage))
    await _report(day, story, stage)
    await _until_red(officer, stage)
    story.noted("targets", "亮红灯 light turned red")
    work = await _supervised(day, story, stage)
    await _worked(day, story, work)
    day.book.expect(
        "督办办结 red episodes verified",
        officer,
        f"{stage.path}/episodes",
        lambda told: any(each["state"] == "verified" for each in told["items"]),
    )


async def measure(day: Day, story: Story, stage: Stage) -> None:
    """A task entered from a measure, verified with its quantity: it counts for the target."""
    office = _office(day)
    await _enter(day, story, stage)
    measures = (await office.get("/tasks/v1/measures", limit=50))["items"]
    chosen = day.random.choice([each for each in measures if each["links"]] or measures)
    body = {
        "title": f"{chosen['title_zh'][:60]}（演示）",
        "description": "按举措安排实施，新增充电设施 8 个（演示）",
        "unit_id": stage.unit_id,
        "area": stage.town,
        "due_at": (datetime.now(UTC) + DUE).isoformat(),
        "measure_id": chosen["id"],
        "counts": [{"target_code": stage.code, "quantity": "8", "unit": "facility", "lot": stage.code}],
    }
    task = await awaited(f"{stage.code} known to tasks", partial(_entered, office, body))
    story.noted("tasks", "由举措交办 entered from a measure")
    work = Work(day, story, stage.unit_id)
    work.found(task, "办结举措任务 tasks of measures closed")
    await _worked(day, story, work)
    day.book.expect(
        "计入目标 tasks counted",
        _officer(day),
        f"{stage.path}/contributions",
        lambda told: sum(each["counts"] for each in told["items"]) == 1,
    )


async def end(day: Day, stages: Sequence[Stage]) -> None:
    """The day's plan is concluded: nobody is chased for it any more."""
    for plan_id in {stage.plan_id for stage in stages}:
        await _officer(day).step(f"/targets/v1/plans/{plan_id}", "conclude", note="演示结束")


async def _entered(office: Person, body: Mapping[str, Any]) -> Any:
    """The task; None as long as tasks has not heard of the target."""
    return await _once_known("measure-target-unknown", office.post(TASKS, body))


async def _shared(officer: Person, stage: Stage) -> Any:
    """The share; None as long as targets has not heard of the unit."""
    share = {"unit_id": stage.unit_id, "area": stage.town, "share": "100", "unit": "facility"}
    version = (await officer.get(stage.path))["version"]
    given = officer.put(f"{stage.path}/allocations", {"items": [share]}, version)
    return await _once_known("unit-not-allocable", given)


async def _once_known(unknown: str, step: Awaitable[Any]) -> Any:
    """What the step answers; None where it is refused by this code."""
    try:
        return await step
    except Refused as refused:
        if refused.code == unknown:
            return None
        raise


def _officer(day: Day) -> Person:
    return day.people.one(Role.TARGET_OFFICER, DISTRICT)


def _office(day: Day) -> Person:
    return day.people.one(Role.SUPERVISION_OFFICE, DISTRICT)


async def _enter(day: Day, story: Story, stage: Stage) -> None:
    body = {
        "code": stage.code,
        "plan_id": stage.plan_id,
        "title_zh": f"既有小区新增充电设施（演示 {stage.code[-3:]}）",
        "title_en": "New e-bike charging facilities (demonstration)",
        "level": "district",
        "area": DISTRICT,
        "kind": "count",
        "wanted": {"value": "100", "comparator": "reach", "unit": "facility"},
        "deadline": (date.today() + timedelta(days=60)).isoformat(),  # noqa: DTZ011
    }
    await _officer(day).put(stage.path, body)
    story.noted("targets", "登记目标 targets entered")
    day.book.expect("登记目标 targets entered", _officer(day), stage.path)


async def _report(day: Day, story: Story, stage: Stage) -> None:
    """The unit reports 8 of 100, late in the year."""
    officer = _officer(day)
    clerk = day.people.one(Role.UNIT_CLERK, unit_id=stage.unit_id)

    async def look() -> Any:
        rows = (await officer.get("/targets/v1/reports", target=stage.id))["items"]
        past = [row for row in rows if row["period_last"] < datetime.now(UTC).date().isoformat()]
        return past[-1] if past else None

    row = await awaited(f"report expected of {stage.code}", look, SWEEP_SECONDS)
    path = f"/targets/v1/reports/{row['id']}"
    await clerk.step(path, "submit", quantity="8", unit="facility", note="受施工影响进度滞后（演示）")
    story.noted("targets", "提交 submitted")
    await officer.step(path, "accept", note="属实（演示）")
    story.noted("targets", "审定 accepted")


async def _until_red(officer: Person, stage: Stage) -> None:
    async def look() -> Any:
        lights = (await officer.get("/targets/v1/lights", plan=stage.plan_id, limit=100))["items"]
        return next((each for each in lights if (each["code"], each["light"]) == (stage.code, "red")), None)

    await awaited(f"red light of {stage.code}", look, SWEEP_SECONDS)


async def _supervised(day: Day, story: Story, stage: Stage) -> Work:
    """The proposal arrives on the office's list and is issued; answers the unit's work on it."""
    office = _office(day)

    async def look() -> Any:
        found = (await office.get(SUPERVISIONS, target=stage.code))["items"]
        return found[0] if found else None

    proposed = await awaited(f"supervision proposed for {stage.code}", look)
    story.noted("tasks", "拟办 supervision proposed")
    path = f"{SUPERVISIONS}/{proposed['id']}"
    issued = await office.step(
        path, "issue", due_at=(datetime.now(UTC) + DUE).isoformat(), note="请抓紧（演示）"
    )
    story.noted("tasks", "发出督办 supervision issued")
    day.book.expect("督办办结 supervisions closed", office, path, lambda told: told["state"] == "closed")
    work = Work(day, story, issued["unit_id"])
    work.found({"id": issued["task_id"]}, "办结督办任务 tasks of supervisions closed")
    return work


async def _worked(day: Day, story: Story, work: Work) -> None:
    """The unit does it; the office verifies and closes."""
    await work.sign()
    await work.answer()
    await _office(day).step(work.path, "verify", note="现场核验属实（演示）")
    story.noted("tasks", "核验 verified")
    await _office(day).step(work.path, "close", note="办结（演示）")
    story.noted("tasks", "办结 closed")
