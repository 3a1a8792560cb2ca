"""What firms' managers and owners' committees read: the cases of their estates, never who reported."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text

from libs.common.ids import new_id
from libs.common.loading import data_folder
from libs.common.policy import Role
from services.cli import DEMO_ESTATES, demo_scopes
from services.grid.main import SERVICE
from services.grid.places.loading import load_geography, read_sources
from services.grid.places.models import Estate
from tests.common.media.pictures import jpeg
from tests.grid.estates import bound, two_estates
from tests.grid.factories import (
    CHECKER,
    DISTRICT,
    ELSEWHERE,
    HANDLER,
    MONDAY,
    REPORTER,
    Desk,
    as_,
    known_unit,
    report_body,
)

CASES = "/grid/v1/cases"
TELLER = {"name": "张三丰", "phone": "13812341234", "secret": True}
FIRM, MEMBER = Role.FIRM_MANAGER, Role.COMMITTEE_MEMBER
TERM = MONDAY + timedelta(days=30)


async def reported(desk: Desk, estate: UUID, **overrides: Any) -> UUID:
    """A hotline's case in the estate, told by somebody who wants not to be known."""
    told: dict[str, Any] = {
        "channel": "12345", "source_number": "SH 7788", "reporter": TELLER, "photos": [],
        "description": "居民张三丰反映楼道堆放纸箱，电话13812341234",
        "place": {"estate_id": str(estate), "address": "福建中路100弄3号202室"},
    }  # fmt: skip
    return await desk.report(**(told | overrides))


async def get(desk: Desk, path: str, headers: dict[str, str], **asked: Any) -> httpx.Response:
    return await desk.client.get(f"{CASES}{path}", params=asked or None, headers=headers)


async def listed(desk: Desk, headers: dict[str, str], **asked: Any) -> list[UUID]:
    """The ids of a list, in order."""
    answer = await get(desk, "", headers, **asked)
    assert answer.status_code == 200, answer.text
    return [UUID(item["id"]) for item in answer.json()["items"]]


async def reads(desk: Desk, case_id: UUID, headers: dict[str, str]) -> bool:
    """Whether every way to the case is open, or every way is closed."""
    number = (await desk.case(case_id)).receipt_number
    paths = (f"/{case_id}", f"/{case_id}/history", f"/by-number/{number}")
    answers = [(await get(desk, path, headers)).status_code for path in paths]
    inside = case_id in await listed(desk, headers)
    assert set(answers) == ({200} if inside else {404}), answers
    found = await get(desk, "", headers, total="true")
    assert found.json()["total"] == len(found.json()["items"])
    return inside


@pytest.mark.parametrize("role", [FIRM, MEMBER])
async def test_their_own_estates_and_no_others(desk: Desk, role: Role) -> None:
    own, other = await two_estates(desk)
    case_id, foreign, nowhere = await reported(desk, own), await reported(
        desk, other, source_number="SH 1"
    ), await desk.report()  # fmt: skip
    headers = bound(role, own, until=TERM)
    assert await reads(desk, case_id, headers)
    for outside in (foreign, nowhere):
        assert not await reads(desk, outside, headers)
    assert await listed(desk, headers) == [case_id]
    assert await listed(desk, headers, estate_id=str(own)) == [case_id]
    assert await listed(desk, headers, estate_id=str(other)) == []
    assert await listed(desk, headers, area=DISTRICT) == [case_id]
    assert await listed(desk, headers, area=ELSEWHERE) == []
    assert await listed(desk, bound(role, until=TERM)) == []


async def test_a_firm_reads_its_projects_across_districts_latest_first(desk: Desk) -> None:
    own, other = await two_estates(desk)
    first = await reported(desk, own)
    moved = await reported(desk, other, source_number="SH 1")
    await desk.database.transact(
        lambda s: s.execute(
            text("UPDATE grid_case SET area = :area WHERE id = :id"),
            {"area": f"{ELSEWHERE}005001001", "id": moved},
        )
    )
    headers = bound(FIRM, own, other)
    assert await reads(desk, first, headers)
    assert await reads(desk, moved, headers)
    assert await listed(desk, headers) == [moved, first]
    page = (await get(desk, "", headers, limit="1")).json()
    assert [item["id"] for item in page["items"]] == [str(moved)]
    assert await listed(desk, headers, limit="1", after=page["next"]) == [first]
    assert await listed(desk, headers, area=ELSEWHERE) == [moved]


async def test_with_the_term_the_account_ends(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    case_id = await reported(desk, own)
    assert await reads(desk, case_id, bound(MEMBER, own, until=desk.clock.now + timedelta(microseconds=1)))
    assert not await reads(desk, case_id, bound(MEMBER, own, until=desk.clock.now))
    assert not await reads(desk, case_id, bound(MEMBER, own)), "a committee without a term is none"
    assert not await reads(desk, case_id, bound(FIRM, own, until=desk.clock.now))
    elected = bound(MEMBER, own, since=desk.clock.now + timedelta(seconds=1), until=TERM)
    assert not await reads(desk, case_id, elected), "elected, and not in office yet"
    assert await listed(desk, elected) == []


@pytest.mark.parametrize("role", [FIRM, MEMBER])
async def test_an_area_in_the_token_opens_nothing(desk: Desk, role: Role) -> None:
    own, other = await two_estates(desk)
    case_id = await reported(desk, other)
    assert not await reads(desk, case_id, bound(role, own, until=TERM, areas=["31"]))


async def test_no_person_and_no_step_is_shown(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    case_id = await reported(desk, own)
    await desk.step(case_id, "request-verification", {"inspector": CHECKER})
    await desk.step(case_id, "verify", {"confirmed": True, "note": "张三丰在场"})
    await desk.step(case_id, "accept")
    await desk.step(case_id, "file", {"standard": "found"})
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队", "note": "找张三丰"})
    await desk.step(case_id, "start")
    number = (await desk.case(case_id)).receipt_number
    for headers in (bound(FIRM, own), bound(MEMBER, own, until=TERM)):
        told = [await get(desk, path, headers) for path in (f"/{case_id}", f"/by-number/{number}")]
        for shown in [answer.json() for answer in told]:
            persons = ("reporter", "handler", "checker", "claimed_by", "claimed_until", "source_number")
            assert {key: shown[key] for key in persons} == dict.fromkeys(persons)
            assert (shown["allowed_actions"], shown["mine"], shown["state"]) == ([], False, "handling")
            assert shown["description"] == "居民***反映楼道堆放纸箱，电话138****1234"
            assert shown["address"] == "福建中路100弄3号"
        told += [await get(desk, f"/{case_id}/history", headers), await get(desk, "", headers)]
        steps = told[2].json()["items"]
        assert [step["action"] for step in steps][-3:] == ["file", "dispatch", "start"]
        assert {(step["actor"], step["note"], str(step["changed"])) for step in steps} == {(None, None, "{}")}
        for secret in ("张", "1381234123", "SH 7788", "202室", CHECKER, HANDLER, "hotline_officer-1"):
            assert not [answer.url for answer in told if secret in answer.text], secret
    inside = await desk.read(case_id)
    assert (inside["reporter"]["name"], inside["handler"]) == ("张**", HANDLER)


async def test_what_is_the_centres_stays_closed(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    case_id = await reported(desk, own)
    unit = str(await known_unit(desk.database))
    headers = bound(FIRM, own) | {"if-match": '"1"'}
    for path in ("dispatches", "checks", "deferrals", "possible-duplicates", "proposed-units"):
        answer = await get(desk, f"/{case_id}/{path}", headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted"), path
    assert (await desk.client.get("/grid/v1/queue", headers=headers)).status_code == 403
    for action, body in (
        ("reporter", {"purpose": "call-back", "reason": "联系"}), ("accept", None), ("claim", None),
        ("dispatch", {"unit_id": unit}), ("supplement", {"text": "补充"}), ("urge", {"note": "催办"}),
    ):  # fmt: skip
        answer = await desk.client.post(f"{CASES}/{case_id}/{action}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted"), action
    put = await desk.client.put(f"{CASES}/{new_id()}", json=report_body(), headers=headers)
    assert put.status_code == 403


async def test_search_finds_the_place_and_never_the_reporter(desk: Desk) -> None:
    own, other = await two_estates(desk)
    case_id = await reported(desk, own, description="楼道堆放纸箱，请回电13812341234")
    naming = await reported(desk, own, source_number="SH 1")
    await reported(desk, other, source_number="SH 2")
    headers = bound(FIRM, own)
    assert await listed(desk, headers, q="纸箱") == [case_id], "the text that names the reporter is not found"
    for guess in ("13812341234", "张三丰", "张", "纸箱 张三"):
        assert await listed(desk, headers, q=guess) == [], guess
        assert (await get(desk, "", headers, q=guess, total="true")).json()["total"] == 0
    assert naming in await listed(desk, as_(Role.LEADER), q="张三丰")
    assert set(await listed(desk, headers)) == {case_id, naming}


async def test_photos_through_the_estates_cases(desk: Desk) -> None:
    own, other = await two_estates(desk)
    content = jpeg()
    photo = hashlib.sha256(content).hexdigest()
    path = f"/grid/v1/media/{photo}"
    sent = as_(Role.INSPECTOR, subject=REPORTER) | {"content-type": "image/jpeg"}
    assert (await desk.client.put(path, content=content, headers=sent)).status_code == 201
    case_id = await desk.report(photos=[photo], place={"estate_id": str(own)})
    for headers, status in (
        (bound(FIRM, own), 200),
        (bound(MEMBER, own, until=TERM), 200),
        (bound(FIRM, other), 404),
        (bound(MEMBER, own, until=MONDAY), 404),
    ):
        assert (await desk.client.get(path, headers=headers)).status_code == status
    (shown,) = (await get(desk, f"/{case_id}", bound(FIRM, own))).json()["photos"]
    assert set(shown) == {"hash", "stage", "round", "rework", "added_at"}


async def test_the_demonstrations_estates_exist(desk: Desk) -> None:
    scopes = demo_scopes()
    assert scopes[FIRM].estates == scopes[MEMBER].estates == DEMO_ESTATES
    assert (scopes[FIRM].term, scopes[MEMBER].areas) == (None, ())
    assert scopes[MEMBER].term is not None
    sources = read_sources(data_folder(SERVICE), ("310107",))
    await desk.database.transact(lambda session: load_geography(session, sources, now=MONDAY))
    query = select(Estate.id).where(Estate.demonstration, Estate.valid_to.is_(None))
    existing = set(await desk.database.read(lambda session: session.scalars(query)))
    assert len(set(DEMO_ESTATES) & existing) == 2
