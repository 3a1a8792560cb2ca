"""Story 3: a verified task counts for a target where a link says how much, once; messages come twice."""

from __future__ import annotations

from typing import Any

from tests.flows.promise import CHARGERS, Promise
from tests.flows.test_case_becomes_task import nothing_parked, rows
from tests.flows.world import World

AREA = {"kind": "sum", "wanted": {"value": "300", "comparator": "reach", "unit": "wan_m2"}}
LIFTS = {"kind": "count", "wanted": {"value": "4000", "comparator": "reach", "unit": "lift"}}
OF_MEASURE = ["SH-T06", "SH-T07", "SH-T08", "SH-T10", "SH-T11", "SH-T50", "SH-T51"]


async def built(promise: Promise, unit_id: str, **told: Any) -> str:
    """A task entered, done and verified."""
    path = await promise.assign(unit_id, **told)
    await promise.done(path, unit_id)
    await promise.verify(path)
    return path


async def test_it_moves_the_target_by_exactly_that_with_its_evidence(world: World) -> None:
    promise = Promise(world)
    (unit,) = await promise.begin("housing")
    target = await promise.target("T-AREA", **AREA)
    count = {"target_code": "T-AREA", "quantity": "59017", "unit": "m2"}
    task = await promise.assign(unit, counts=[count])
    await promise.done(task, unit)
    await world.settle()
    assert (await promise.progress(target))["value"] is None
    await promise.verify(task)
    assert (await promise.progress(target))["value"] == "5.9017"
    (brought,) = await promise.contributions(target)
    assert (brought["counts"], brought["reason"], brought["quantity"]) == (True, "counts", "59017")
    assert (brought["task_id"], brought["unit_id"]) == (task.rpartition("/")[2], unit)
    assert (brought["verified_on"], brought["evidence_count"]) == ("2026-11-23", 1)
    await promise.close(task)
    assert (await promise.progress(target))["value"] == "5.9017"
    told = await rows(world, "targets", "SELECT version FROM event_log WHERE type LIKE '%contribution.made%'")
    assert told == [(1,)]
    await nothing_parked(world)


async def test_a_measure_serves_seven_targets_and_counts_where_a_person_said_how_much(world: World) -> None:
    promise = Promise(world)
    (unit,) = await promise.begin("lifts")
    lifts = await promise.target("SH-T06", **LIFTS)
    repaired = await promise.target("SH-T07", kind="qualitative")
    plain = await built(promise, unit, measure="SH-1.2")
    assert (await promise.progress(lifts))["value"] is None
    for path in (lifts, repaired):
        (brought,) = await promise.contributions(path)
        assert (brought["counts"], brought["reason"], brought["quantity"]) == (False, "supports", None)
    await promise.link("SH-1.2", "SH-T06", quantity="12", unit="lift")
    linked = (await promise.measure("SH-1.2"))["links"]
    assert [link["target_code"] for link in linked] == OF_MEASURE
    assert [link["kind"] for link in linked] == ["counts", *["supports"] * 6]
    task = await built(promise, unit, measure="SH-1.2")
    assert (await promise.progress(lifts))["value"] == "12"
    found = {each["task_id"]: each["reason"] for each in await promise.contributions(lifts)}
    assert found == {plain.rpartition("/")[2]: "supports", task.rpartition("/")[2]: "counts"}
    serving = (await promise.officer.get(f"{lifts}/measures")).body["items"]
    assert [(each["code"], each["link"]["quantity"]) for each in serving] == [("SH-1.2", "12")]
    await nothing_parked(world)


async def test_the_same_eight_chargers_of_two_measures_and_two_targets_count_once(world: World) -> None:
    promise = Promise(world)
    first, second = await promise.begin("regional", "safety")
    city = await promise.target("SH-T09", **CHARGERS)
    town = await promise.target(
        "KQ-T11", **CHARGERS, parent_id=city.rpartition("/")[2], relation="contributes_to"
    )
    eight = {"quantity": "8", "unit": "facility"}
    for measure in ("KQ-G1.3", "KQ-C08"):
        await promise.link(measure, "KQ-T11", lot="KQ-T11", **eight)
    await built(promise, first, measure="KQ-G1.3")
    # the second measure's task names the same eight for the city's target too
    same = {"target_code": "SH-T09", "lot": "KQ-T11", **eight}
    await built(promise, second, measure="KQ-C08", counts=[same])
    brought = await promise.contributions(town)
    assert sorted(each["reason"] for each in brought) == ["counts", "lot-counted"]
    assert [each["reason"] for each in await promise.contributions(city)] == ["counts"]
    for path in (town, city):
        assert (await promise.progress(path))["value"] == "8"
    # eight others are eight more, for both
    await built(promise, first, counts=[{"target_code": "KQ-T11", "lot": "others", **eight}])
    for path in (town, city):
        assert (await promise.progress(path))["value"] == "16"


async def test_what_the_verifier_finds_replaces_what_was_meant(world: World) -> None:
    promise = Promise(world)
    (unit,) = await promise.begin("regional")
    target = await promise.target("T-C", **CHARGERS)
    task = await promise.assign(unit, counts=[{"target_code": "T-C", "quantity": "8", "unit": "facility"}])
    await promise.done(task, unit)
    await promise.step(promise.office, task, "rework", note="仅建成五个，两个不通电")
    await world.settle()
    assert await promise.contributions(target) == []
    await promise.answer(task, unit)
    await promise.verify(task, counts=[{"target_code": "T-C", "quantity": "7", "unit": "facility"}])
    assert (await promise.progress(target))["value"] == "7"
    # what is verified is final: neither done again nor taken back
    version = (await promise.office.get(task)).version
    for step in ("rework", "withdraw", "verify"):
        assert (await promise.office.post(f"{task}/{step}", {"note": "撤销"}, version=version)).status == 409
    assert [each["quantity"] for each in await promise.contributions(target)] == ["7"]
