"""A device's queue over HTTP: item by item, in order within a case, harmless again, conflicts told."""

from __future__ import annotations

import asyncio
from uuid import UUID

from libs.common.ids import new_id
from libs.common.policy import Role
from tests.grid.factories import CHECKER, ELSEWHERE, HANDLER, REPORTER, Desk, as_, outbox
from tests.grid.syncs.device import codes, put, report, send, step
from tests.support.statements import statements

SUPPLEMENT = {"text": "又新增一处"}


async def test_each_item_as_if_it_had_come_alone(desk: Desk) -> None:
    photo, after = await desk.photo(), await desk.photo(letter="b")
    squad, check = await desk.filed(), await desk.answered("c")
    await desk.step(squad, "dispatch", {"squad": "网格处置一队"})
    await desk.assign_check(check)
    verify = await desk.report(channel="12345", photos=[])
    await desk.step(verify, "request-verification", {"inspector": CHECKER})
    done = await desk.photo(HANDLER, "d")
    start = step(squad, "start", base=(await desk.case(squad)).version)
    answer = {"outcome": "solved", "summary": "已清理", "photos": [done]}
    worked = await send(desk, [start, step(squad, "answer", answer, after=start)], HANDLER)
    assert [(one["status"], one["state"]) for one in worked] == [(200, "handling"), (200, "checking")]
    assert worked[1]["version"] == worked[0]["version"] + 1 == (await desk.case(squad)).version

    at_once = {"standard": "found", "photos": [after], "note": "已现场清理"}
    found = [report(photos=[photo]), report(photos=[photo], self_handled=at_once), report(category="0999")]
    behind = step(found[0]["operation_id"], "supplement", SUPPLEMENT, after=found[0])
    made = await send(desk, [*found, behind])
    assert codes(made) == [(201, None), (201, None), (422, "category-unknown"), (200, None)]
    assert [(one["version"], one["state"]) for one in made] == [
        (1, "reported"), (4, "checking"), (None, None), (2, "reported"),
    ]  # fmt: skip
    assert made[2]["problem"]["errors"][0]["pointer"] == "/body/category"
    assert [bool(one["receipt_number"]) for one in made] == [True, True, False, False]

    items = [
        step(check, "check", {"passed": True, "note": "已查看"}, base=(await desk.case(check)).version),
        step(verify, "verify", {"confirmed": True, "note": "属实"}, base=(await desk.case(verify)).version),
    ]
    checked = await send(desk, items, CHECKER)
    assert [(one["status"], one["state"]) for one in checked] == [(200, "checked"), (200, "reported")]


async def test_the_same_queue_again_is_told_the_same_and_does_nothing(desk: Desk) -> None:
    photo, after = await desk.photo(), await desk.photo(letter="b")
    at_once = {"standard": "found", "photos": [after], "note": "已现场清理"}
    first, second = report(photos=[photo]), report(photos=[photo], self_handled=at_once)
    cases = [one["operation_id"] for one in (first, second)]
    behind = [
        step(case_id, "supplement", SUPPLEMENT, after=one)
        for case_id, one in zip(cases, (first, second), strict=True)
    ]
    queue = [first, second, *behind]
    answers = await asyncio.gather(*(put(desk.client, queue) for _ in range(4)))
    told = [answer.json()["items"] for answer in answers]
    assert {one["status"] for outcomes in told for one in outcomes} <= {200, 201}, told
    seen = [[(one["version"], one["state"]) for one in outcomes] for outcomes in told]
    assert seen == [[(1, "reported"), (4, "checking"), (2, "reported"), (5, "checking")]] * 4
    events = len(await outbox(desk.database))
    assert events == 2 + 5
    # Later, when others have gone on with the cases, and only the tail of the queue is left.
    await desk.step(UUID(cases[0]), "accept")
    again = await send(desk, queue[::-1])
    assert [(one["status"], one["version"]) for one in again] == [(200, 5), (200, 2), (200, 4), (200, 1)]
    assert len(await outbox(desk.database)) == events + 1
    reused = await send(desk, [behind[0] | {"body": {"text": "别的内容"}}])
    assert codes(reused) == [(422, "operation-id-reused")]


async def test_conflicts_say_how_the_case_stands_and_stop_only_what_stands_behind(desk: Desk) -> None:
    mine, other = await desk.report(), await desk.report()
    stale = step(mine, "supplement", SUPPLEMENT, base=1)
    queue = [
        stale,
        step(mine, "withdraw", {"reason": "重复"}, after=stale),
        step(mine, "supplement", SUPPLEMENT, base=2),
        step(other, "start", base=1),
        step(other, "supplement", SUPPLEMENT, base=1),
        step(other, "supplement", {"text": "x"}, after={"operation_id": str(new_id())}),
        step(new_id(), "supplement", SUPPLEMENT, base=1),
        step(other, "supplement", {"text": "照片未上传", "photos": ["f" * 64]}, base=2),
    ]
    await desk.step(mine, "accept")
    outcomes = await send(desk, queue)
    assert codes(outcomes) == [
        (412, "stale-version"),
        (409, "prior-operation-failed"),
        (200, None),
        (409, "illegal-transition"),
        (200, None),
        (409, "prior-operation-unknown"),
        (404, "case-not-found"),
        (422, "media-unknown"),
    ]
    assert [(one["version"], one["state"]) for one in outcomes] == [
        (2, "accepted"), (2, "accepted"), (3, "accepted"), (1, "reported"), (2, "reported"),
        (2, "reported"), (None, None), (2, "reported"),
    ]  # fmt: skip
    assert outcomes[-1]["problem"]["errors"][0]["pointer"] == "/body/photos/0"
    # What was refused may come again with the version that stands now.
    assert codes(await send(desk, [stale | {"base_version": 3}])) == [(200, None)]


async def test_what_cannot_be_read_is_refused_alone(desk: Desk) -> None:
    case_id = await desk.report()
    queue = [
        report(category=7),
        step(case_id, "dance", {}, base=1),
        step(case_id, "supplement", SUPPLEMENT),
        step(case_id, "supplement", SUPPLEMENT, base=1),
        {"action": "report"},
    ]
    outcomes = await send(desk, queue, **{"accept-language": "en"})
    assert [one["status"] for one in outcomes] == [422, 422, 422, 200, 422]
    pointers = [[e["pointer"] for e in one["problem"]["errors"]] for one in outcomes if one["problem"]]
    assert pointers[0] == ["/body/category"]
    assert pointers[3] == ["/operation_id", "/body"]
    assert outcomes[0]["operation_id"] == queue[0]["operation_id"]
    too_many = await put(desk.client, [step(case_id, "start", base=1)] * 501)
    assert (too_many.status_code, too_many.json()["code"]) == (422, "content-invalid")


async def test_a_hundred_reports_are_one_statement(desk: Desk) -> None:
    async with statements(desk.database) as asked:
        outcomes = await send(desk, [report() for _ in range(100)])
    assert {one["status"] for one in outcomes} == {201}
    written = [one for one, _ in asked if "INSERT INTO grid_case" in one]
    assert len(written) == 1
    assert len(asked) < 20, len(asked)


async def test_who_does_not_see_the_case_learns_nothing_of_it(desk: Desk) -> None:
    case_id = await desk.report()
    items = {"items": [step(case_id, "supplement", SUPPLEMENT, base=1)]}
    headers = as_(Role.INSPECTOR, subject=REPORTER, areas=(ELSEWHERE,))
    answer = await desk.client.put("/grid/v1/operations", json=items, headers=headers)
    (outcome,) = answer.json()["items"]
    assert (outcome["status"], outcome["version"], outcome["state"]) == (404, None, None)
