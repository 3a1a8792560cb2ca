"""The delta: what is mine, what is mine no more, and nothing missed that commits late."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.events.sequencer import sequence
from libs.common.policy import Actor, Role
from services.grid.cases.service import By
from services.grid.dispatches import service as dispatches
from services.grid.syncs import service
from services.grid.syncs.api import CURSOR
from tests.grid.factories import CHECKER, ELSEWHERE, HANDLER, REPORTER, Desk, as_

Answer = dict[str, Any]


async def logged(desk: Desk) -> None:
    """Everything that is committed is in the log."""
    while await desk.database.transact(lambda s: sequence(s)):
        pass


async def changes(desk: Desk, subject: str, since: Answer | None = None, **asked: Any) -> Answer:
    """What the device is told, having heard `since`."""
    params = asked | ({"since": since["cursor"]} if since else {})
    answer = await desk.client.get(
        "/grid/v1/changes", params=params, headers=as_(Role.INSPECTOR, subject=subject)
    )
    assert answer.status_code == 200, answer.text
    told: Answer = answer.json()
    return told


def shown(told: Answer) -> list[tuple[str, list[str]]]:
    """(case, parts) of each."""
    return [(one["case"]["id"], one["parts"]) for one in told["items"]]


async def test_what_is_mine_and_what_is_mine_no_more(desk: Desk) -> None:
    first, second, offered = await desk.report(), await desk.answered(), await desk.filed()
    await desk.step(offered, "dispatch", {"squad": "网格处置一队"})
    await desk.assign_check(second)
    await logged(desk)
    mine = await changes(desk, REPORTER)
    assert (mine["anew"], mine["more"], mine["removed"]) == (True, False, [])
    assert shown(mine) == [
        (str(first), ["reported"]), (str(second), ["reported"]), (str(offered), ["reported", "offered"]),
    ]  # fmt: skip
    handler, checker = await changes(desk, HANDLER), await changes(desk, CHECKER)
    assert shown(handler) == [(str(second), ["handling"]), (str(offered), ["offered"])]
    assert shown(checker) == [(str(second), ["checking"]), (str(offered), ["offered"])]

    quiet = await changes(desk, REPORTER, mine)
    assert (quiet["anew"], quiet["items"], quiet["removed"], quiet["more"]) == (False, [], [], False)
    assert quiet["cursor"] == mine["cursor"]

    await desk.step(offered, "start", subject=HANDLER)
    await desk.step(second, "check", {"passed": True, "note": "已查看"})
    await desk.step(first, "reject", {"reason_code": "other", "reason": "不属实"})
    await logged(desk)
    after = await changes(desk, REPORTER, quiet)
    assert shown(after) == [(str(each), ["reported"]) for each in (offered, second, first)]
    assert after["items"][2]["case"]["state"] == "rejected"
    gone = await changes(desk, CHECKER, checker)
    assert (shown(gone), gone["removed"]) == ([], [str(offered), str(second)])
    taken = await changes(desk, HANDLER, handler)
    assert shown(taken) == [(str(offered), ["handling"]), (str(second), ["handling"])]
    assert shown(await changes(desk, CHECKER)) == []


async def test_what_commits_late_is_told_later_and_never_passed_over(desk: Desk) -> None:
    late, early = await desk.report(), await desk.report()
    await logged(desk)
    seen = await changes(desk, REPORTER)
    actor = as_by(desk)
    async with desk.database.sessions() as session, session.begin():
        await dispatches.supplement(session, late, text="晚提交", photos=(), by=actor)
        await session.flush()
        await desk.step(early, "supplement", {"text": "早提交"})
        await logged(desk)
        first = await changes(desk, REPORTER, seen)
        assert shown(first) == [(str(early), ["reported"])]
    # Committed, and not in the log yet: told once it is.
    assert shown(await changes(desk, REPORTER, first)) == []
    await logged(desk)
    second = await changes(desk, REPORTER, first)
    assert shown(second) == [(str(late), ["reported"])]
    assert second["items"][0]["case"]["version"] == 2


def as_by(desk: Desk) -> By:
    """A dispatcher at the desk's time."""
    return By(Actor("dispatcher-1", Role.DISPATCHER), desk.clock.now)


async def test_pages_leave_nothing_out(desk: Desk) -> None:
    made = [str(await desk.report()) for _ in range(5)]
    await logged(desk)
    pages = [await changes(desk, REPORTER, limit=2)]
    await desk.step(UUID(made[0]), "accept")
    await logged(desk)
    while pages[-1]["more"]:
        pages.append(await changes(desk, REPORTER, pages[-1], limit=2))
    assert [one["anew"] for one in pages] == [True, False, False]
    assert [case for page in pages for case, _ in shown(page)] == made
    for case_id in made[1:]:
        await desk.step(UUID(case_id), "accept")
    await logged(desk)
    told = await changes(desk, REPORTER, pages[-1], limit=2)
    assert [case for case, _ in shown(told)] == made[:2]
    assert told["more"]
    rest = await changes(desk, REPORTER, told, limit=3)
    assert ([case for case, _ in shown(rest)], rest["more"]) == (made[2:], False)


async def test_who_is_too_far_behind_or_of_another_life_of_the_log_begins_anew(desk: Desk) -> None:
    case_id = await desk.report()
    await logged(desk)
    seen = await changes(desk, REPORTER)
    epoch, position, _ = CURSOR.decode(seen["cursor"])
    for other in ((epoch + 1, position), (epoch, position + 1), (epoch, position - service.FAR - 1)):
        told = await changes(desk, REPORTER, {"cursor": CURSOR.encode(*other, None)})
        assert (told["anew"], shown(told)) == (True, [(str(case_id), ["reported"])])
    headers = as_(Role.INSPECTOR, subject=REPORTER)
    answer = await desk.client.get("/grid/v1/changes", params={"since": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor-invalid")
    elsewhere = as_(Role.INSPECTOR, subject=REPORTER, areas=(ELSEWHERE,))
    assert (await desk.client.get("/grid/v1/changes", headers=elsewhere)).json()["items"] == []
    moved = await desk.client.get(
        "/grid/v1/changes", params={"since": CURSOR.encode(epoch, 0, None)}, headers=elsewhere
    )
    assert (moved.json()["items"], moved.json()["removed"]) == ([], [str(case_id)])
