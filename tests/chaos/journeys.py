"""What the load writes 写入内容: the first steps of cases, tasks, disputes and target reports, mixed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from libs.common.clocks import utc_now
from libs.common.ids import new_id
from libs.common.policy import Role
from services.cli import DEMO_UNIT
from tests.chaos.callers import Caller
from tests.chaos.evidence import DRILL
from tests.chaos.ledger import Write
from tests.chaos.load import Load, Request

CATEGORY, STANDARD, NEIGHBOURHOOD = "0104", "found", "310107005001"
PARTIES = (
    {"name": "演练业主", "role": "applicant", "kind": "owner"},
    {"name": "演练物业", "role": "respondent", "kind": "firm"},
)
GRID_ROLES = {
    "accept": Role.ACCEPTOR,
    "file": Role.DUTY_CHIEF,
    "dispatch": Role.DISPATCHER,
}
GRID_BODIES: Mapping[str, Mapping[str, Any]] = {
    "file": {"standard": STANDARD},
    "dispatch": {"unit_id": str(DEMO_UNIT)},
}
CLERK = Caller(Role.UNIT_CLERK)
OFFICER = Caller(Role.TARGET_OFFICER)
OFFICE = Caller(Role.SUPERVISION_OFFICE)
COORDINATOR = Caller(Role.CENTRE_COORDINATOR)
MEDIATOR = Caller(Role.MEDIATOR)


@dataclass(frozen=True)
class Step:
    """A step on a record: the action's name in the history, its place below the record, the body."""

    action: str
    way: str
    caller: Caller
    body: Mapping[str, Any] = field(default_factory=dict)


def report(load: Load) -> Request:
    """A report of a case that has no id yet."""
    case_id = new_id()
    number = load.random.randrange(1_000_000)
    body = {
        "channel": "leader",
        "category": CATEGORY,
        "description": f"{DRILL}：居民反映群租 {number}",
        "found_at": utc_now().isoformat(),
        "place": {"area": NEIGHBOURHOOD, "address": f"演示路{number % 500 + 1}号"},
    }
    write = Write(case_id, case_id, "report")
    return Request(write, Caller(Role.HOTLINE_OFFICER), f"/grid/v1/cases/{case_id}", body)


def case_step(case_id: UUID, action: str, version: int, number: int = 0) -> Request:
    """A step of the centre on the case, by one of its people."""
    write = Write(new_id(), case_id, action)
    caller = Caller(GRID_ROLES[action], number=number)
    path = f"/grid/v1/cases/{case_id}/{action}"
    return Request(write, caller, path, GRID_BODIES.get(action, {}), version)


def entry() -> Request:
    """A task given directly to the demonstration's unit; the platform names it."""
    id_ = new_id()
    body = {
        "title": f"{DRILL} {id_}",
        "description": "楼道堆物专项整治",
        "unit_id": str(DEMO_UNIT),
        "due_at": (datetime.now(UTC) + timedelta(days=3)).isoformat(),
    }
    return Request(Write(id_, id_, "assign", "tasks"), OFFICE, "/tasks/v1/tasks", body)


def registration(load: Load) -> Request:
    """A dispute that comes to the studio's door."""
    id_ = new_id()
    body = {
        "title": "停车位使用争议（演练）",
        "description": f"固定车位被长期占用，第{load.random.randrange(1_000_000)}次争执（演练）",
        "area": NEIGHBOURHOOD,
        "parties": list(PARTIES),
    }
    return Request(Write(id_, id_, "register", "disputes"), MEDIATOR, f"/disputes/v1/disputes/{id_}", body)


async def case(load: Load) -> None:
    """A case as far as the dispatch, or less far."""
    first = report(load)
    if await load.send(first) is None:
        return
    version = 1
    for action in ("accept", "file", "dispatch")[: load.random.choice((0, 0, 1, 3))]:
        answer = await load.send(case_step(first.write.subject, action, version))
        if answer is None:
            return
        version = answer["version"]


async def task(load: Load) -> None:
    """A direct task: signed, worked on, urged."""
    answer = await load.send(entry())
    if answer is None:
        return
    steps = (
        Step("sign", "sign", CLERK),
        Step("report", "progress", CLERK, {"note": "已约定今日处理（演练）"}),
        Step("urge", "urge", OFFICE, {"note": "请抓紧（演练）"}),
    )
    path = f"/tasks/v1/tasks/{answer['id']}"
    await _take(load, "tasks", path, answer, steps[: load.random.randrange(4)])


async def dispute(load: Load) -> None:
    """A dispute: classified, assigned, consented to, heard."""
    first = registration(load)
    if await load.send(first) is None:
        return
    shown = await load.read(COORDINATOR, "disputes", first.path)
    parties = {"party_ids": [party["id"] for party in shown["parties"]]}
    given = {"dispute_class": "ordinary", "dispute_type": "parking"}
    steps = (
        Step("classify", "classify", COORDINATOR, given),
        Step("assign", "assign", COORDINATOR),
        Step("consent", "consents", MEDIATOR, parties),
    )
    far = load.random.randrange(5)
    shown = await _take(load, "disputes", first.path, shown, steps[:far])
    if far > len(steps) and shown:
        heard = {"held_at": utc_now().isoformat(), "place": "调解室", "note": "双方各陈述意见（演练）"}
        await _take(load, "disputes", first.path, shown, (Step("session", "sessions", MEDIATOR, heard),))


async def _take(
    load: Load, service: str, path: str, record: Mapping[str, Any], steps: tuple[Step, ...]
) -> Mapping[str, Any]:
    """The steps in turn, each on the version that the one before has answered; the record at its end."""
    subject, version = UUID(record["id"]), int(record["version"])
    for step in steps:
        write = Write(new_id(), subject, step.action, service)
        answer = await load.send(Request(write, step.caller, f"{path}/{step.way}", step.body, version))
        if answer is None:
            return {}
        record, version = answer, answer["version"]
    return record


@dataclass
class Mix:
    """Journeys of all four services by their weights. Of target reports there are only so many."""

    reports: list[dict[str, Any]]
    """What units owe and can be told in figures: id, version, unit, path and figures."""

    async def __call__(self, load: Load) -> None:
        """One journey."""
        kinds: tuple[Callable[[Load], Awaitable[None]], ...] = (case, task, dispute, self._report)
        (journey,) = load.random.choices(kinds, weights=(5, 2, 2, 1))
        await journey(load)

    async def _report(self, load: Load) -> None:
        """The unit's figures, sent back by the officer: again and again on the same record."""
        if not self.reports:
            await case(load)
            return
        owed = self.reports.pop(0)
        clerk = Caller(Role.UNIT_CLERK, UUID(owed["unit_id"]))
        steps = (
            Step("submit", "submit", clerk, owed["figures"]),
            Step("send-back", "send-back", OFFICER, {"note": "请核对口径后重报（演练）"}),
        )
        await _take(load, "targets", f"/targets/v1/reports/{owed['id']}", owed, steps)
        shown = await load.read(OFFICER, "targets", f"/targets/v1/reports/{owed['id']}")
        self.reports.append({**owed, "version": shown["version"]})

    @classmethod
    async def prepare(cls, load: Load) -> Mix:
        """Look for the reports that are owed of the plan in force."""
        page = await load.read(OFFICER, "targets", "/targets/v1/reports", show="turn", limit=100)
        owed = []
        for row in page["items"]:
            target = await load.read(OFFICER, "targets", f"/targets/v1/targets/{row['target_id']}")
            figures = _figures(target)
            if figures:
                owed.append({**row, "figures": figures})
            if len(owed) == 16:
                break
        return cls(owed)


def _figures(target: Mapping[str, Any]) -> dict[str, Any]:
    """What can be told of the target in figures; nothing for those that need a photo."""
    if target["kind"] == "rate":
        return {"numerator": "950", "denominator": "1000", "note": DRILL}
    if target["kind"] in ("sum", "count"):
        return {"quantity": "1", "unit": target["unit"], "note": DRILL}
    return {}
