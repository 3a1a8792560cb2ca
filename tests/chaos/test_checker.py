"""The checker finds what is planted: loss, duplicate, inversion, a torn unit of work. And nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from tests.chaos.checker import Delivery, Entry, Evidence, Fact, Kind, Side, check, drained
from tests.chaos.ledger import Account, Answer, Write

CASES, HANDOVERS, TASKS = "jiayuan.grid.case.v1", "jiayuan.grid.handover-tasks.v1", "jiayuan.tasks.task.v1"
CASE, HANDOVER, TASK = UUID(int=1), UUID(int=2), UUID(int=3)
STEPS = ("report", "accept", "file", "dispatch")


def told() -> dict[UUID, Account]:
    """One case, from report to dispatch, every step acknowledged."""
    ids = (CASE, UUID(int=12), UUID(int=13), UUID(int=14))
    return {
        id_: Account(
            Write(id_, CASE, step),
            sent=1,
            answers=[Answer("R1" if step == "report" else None, version)],
        )
        for version, (id_, step) in enumerate(zip(ids, STEPS, strict=True), 1)
    }


def held() -> Evidence:
    """What a platform that kept everything holds."""
    log = [*(Fact(version, CASES, CASE, version) for version in range(1, 5)), Fact(5, HANDOVERS, HANDOVER, 1)]
    history = [Entry(CASE, version, step) for version, step in enumerate(STEPS, 1)]
    grid = Side(
        log=log,
        history=[*history, Entry(HANDOVER, 1, "request")],
        heads={CASE: 4, HANDOVER: 1},
        head_position=5,
    )
    tasks = Side(
        log=[Fact(1, TASKS, TASK, 1)],
        history=[Entry(TASK, 1, "assign")],
        heads={TASK: 1},
        head_position=1,
        reads=frozenset({HANDOVERS}),
        gates={(HANDOVERS, HANDOVER): 1},
    )
    return Evidence(
        sides={"grid": grid, "tasks": tasks},
        receipts={CASE: "R1"},
        handovers=[(HANDOVER, CASE)],
        tasks=[HANDOVER],
        bus={
            "grid": [Delivery(fact.topic, 0, n, fact.aggregate, fact.position) for n, fact in enumerate(log)],
            "tasks": [Delivery(TASKS, 0, 0, TASK, 1)],
        },
    )


def test_what_kept_everything_has_no_findings() -> None:
    assert check(told(), held()) == []
    assert drained(held())


def test_a_write_that_was_never_acknowledged_may_be_there_or_not() -> None:
    ledger = told()
    ledger[UUID(int=14)].answers.clear()
    assert check(ledger, held()) == []
    without = held()
    grid = without.sides["grid"]
    grid.log, grid.history, grid.heads, grid.head_position = grid.log[:3], grid.history[:3], {CASE: 3}, 3
    without.sides = {"grid": grid, "tasks": Side()}
    without.handovers, without.tasks, without.bus = [], [], None
    assert check(ledger, without) == []


def lose_the_case(held: Evidence) -> None:
    held.receipts = {}


def promise_another_receipt(held: Evidence) -> None:
    held.receipts = {CASE: "R2"}


def invent_a_case(held: Evidence) -> None:
    held.receipts = {CASE: "R1", UUID(int=99): "R9"}


def lose_a_step(held: Evidence) -> None:
    grid = held.sides["grid"]
    grid.history = [entry for entry in grid.history if entry.action != "file"]


def take_a_step_twice(held: Evidence) -> None:
    grid = held.sides["grid"]
    grid.history = [*grid.history, Entry(CASE, 5, "file")]


def leave_a_gap(held: Evidence) -> None:
    grid = held.sides["grid"]
    grid.log = [fact for fact in grid.log if fact.position != 2]


def write_a_position_twice(held: Evidence) -> None:
    grid = held.sides["grid"]
    grid.log = [*grid.log, grid.log[0]]


def invert_two_versions(held: Evidence) -> None:
    grid = held.sides["grid"]
    first, second, *rest = grid.log
    grid.log = [replace(first, version=2), replace(second, version=1), *rest]


def tear_event_from_history(held: Evidence) -> None:
    grid = held.sides["grid"]
    grid.history = [entry for entry in grid.history if entry.aggregate != HANDOVER]


def tear_row_from_log(held: Evidence) -> None:
    held.sides["tasks"].heads = {TASK: 2}


def break_the_chain(held: Evidence) -> None:
    held.sides["grid"].chain = "batch 1..3"


def leave_the_outbox_full(held: Evidence) -> None:
    held.sides["grid"].outbox = 1


def leave_the_bus_behind(held: Evidence) -> None:
    held.sides["grid"].unpublished = 1


def keep_from_a_reader(held: Evidence) -> None:
    held.sides["tasks"].gates = {}


def park(held: Evidence) -> None:
    held.sides["tasks"].parked = [TASK]


def park_what_nobody_can_read(held: Evidence) -> None:
    held.sides["tasks"].parked = [None]


def lose_what_was_spoilt(held: Evidence) -> None:
    held.poisoned = frozenset({HANDOVER})


def enter_what_nobody_asked_for(held: Evidence) -> None:
    held.entered = [f"演练 {UUID(int=77)}"]


def put_on_the_bus_what_is_not_in_the_log(held: Evidence) -> None:
    assert held.bus is not None
    held.bus = {**held.bus, "tasks": [*held.bus["tasks"], Delivery(TASKS, 0, 1, TASK, 2)]}


def act_twice(held: Evidence) -> None:
    held.tasks = [HANDOVER, HANDOVER]


def never_act(held: Evidence) -> None:
    held.tasks = []


def hand_over_twice(held: Evidence) -> None:
    held.handovers = [(HANDOVER, CASE), (UUID(int=4), CASE)]


def make_a_task_of_nothing(held: Evidence) -> None:
    held.tasks = [HANDOVER, UUID(int=98)]


def lose_on_the_bus(held: Evidence) -> None:
    assert held.bus is not None
    held.bus = {**held.bus, "grid": held.bus["grid"][:-1]}


def invert_on_the_bus(held: Evidence) -> None:
    assert held.bus is not None
    first, second, *rest = held.bus["grid"]
    held.bus = {**held.bus, "grid": [replace(second, offset=0), replace(first, offset=1), *rest]}


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose_the_case, Kind.LOST),
        (promise_another_receipt, Kind.TORN),
        (invent_a_case, Kind.PHANTOM),
        (lose_a_step, Kind.LOST),
        (take_a_step_twice, Kind.DUPLICATED),
        (leave_a_gap, Kind.LOST),
        (write_a_position_twice, Kind.DUPLICATED),
        (invert_two_versions, Kind.OUT_OF_ORDER),
        (tear_event_from_history, Kind.TORN),
        (tear_row_from_log, Kind.TORN),
        (break_the_chain, Kind.TORN),
        (leave_the_outbox_full, Kind.LOST),
        (leave_the_bus_behind, Kind.LOST),
        (keep_from_a_reader, Kind.LOST),
        (park, Kind.PARKED),
        (park_what_nobody_can_read, Kind.PARKED),
        (lose_what_was_spoilt, Kind.LOST),
        (enter_what_nobody_asked_for, Kind.PHANTOM),
        (put_on_the_bus_what_is_not_in_the_log, Kind.PHANTOM),
        (act_twice, Kind.DUPLICATED),
        (never_act, Kind.LOST),
        (hand_over_twice, Kind.DUPLICATED),
        (make_a_task_of_nothing, Kind.TORN),
        (lose_on_the_bus, Kind.LOST),
        (invert_on_the_bus, Kind.OUT_OF_ORDER),
    ],
)
def test_what_is_planted_is_found(plant: Callable[[Evidence], None], kind: Kind) -> None:
    evidence = held()
    plant(evidence)
    assert kind in {finding.kind for finding in check(told(), evidence)}


def test_a_repeat_with_another_answer_and_a_refusal_are_found() -> None:
    ledger = told()
    ledger[CASE].answers.append(Answer("R2", 1))
    ledger[UUID(int=12)].refusals.append("412 stale")
    assert {finding.kind for finding in check(ledger, held())} == {Kind.DUPLICATED, Kind.REFUSED}


def test_a_task_that_the_platform_names_is_entered_once() -> None:
    """Its acknowledgement names the record; without it, it may be there or not."""
    ledger, evidence = told(), held()
    write = Write(UUID(int=50), UUID(int=50), "assign", "tasks")
    ledger[write.id] = Account(write, sent=2, answers=[Answer(None, 1, "", TASK)])
    assert {finding.kind for finding in check(ledger, evidence)} == {Kind.LOST}
    evidence.entered = [f"演练 {write.id}"]
    assert check(ledger, evidence) == []
    evidence.entered = [f"演练 {write.id}"] * 2
    assert {finding.kind for finding in check(ledger, evidence)} == {Kind.DUPLICATED}


def test_a_step_may_be_taken_as_often_as_it_was_asked_for() -> None:
    """A report is sent back and submitted again: twice asked, twice in the history, each at its version."""
    ledger, evidence = told(), held()
    for number, version in ((60, 2), (61, 3)):
        write = Write(UUID(int=number), TASK, "report", "tasks")
        ledger[write.id] = Account(write, sent=1, answers=[Answer(None, version)])
    tasks = evidence.sides["tasks"]
    assert Kind.LOST in {finding.kind for finding in check(ledger, evidence)}
    tasks.history = [*tasks.history, Entry(TASK, 2, "report"), Entry(TASK, 3, "report")]
    tasks.log = [*tasks.log, Fact(2, TASKS, TASK, 2), Fact(3, TASKS, TASK, 3)]
    tasks.heads, tasks.head_position, evidence.bus = {TASK: 3}, 3, None
    assert check(ledger, evidence) == []


def test_what_the_run_has_spoilt_has_to_be_parked_and_nothing_else() -> None:
    evidence = held()
    bad = UUID(int=70)
    grid, tasks = evidence.sides["grid"], evidence.sides["tasks"]
    grid.log = [*grid.log, Fact(6, HANDOVERS, bad, 1), Fact(7, HANDOVERS, bad, 2)]
    grid.head_position, evidence.bus = 7, None
    evidence.poisoned, evidence.junk = frozenset({bad}), 1
    assert {finding.kind for finding in check(told(), evidence)} == {Kind.LOST}
    tasks.parked = [bad, bad, None]
    assert check(told(), evidence) == []


def test_a_repeat_on_the_bus_is_no_finding() -> None:
    evidence = held()
    assert evidence.bus is not None
    again = [replace(one, offset=one.offset + 10) for one in evidence.bus["grid"][:3]]
    evidence.bus = {**evidence.bus, "grid": [*evidence.bus["grid"], *again]}
    assert check(told(), evidence) == []


@pytest.mark.parametrize("plant", [leave_the_outbox_full, leave_the_bus_behind, keep_from_a_reader])
def test_what_is_under_way_is_not_drained(plant: Callable[[Evidence], None]) -> None:
    evidence = held()
    plant(evidence)
    assert not drained(evidence)
