"""Reading disputes: lists, one dispute masked, its history, and in full with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest

from libs.common.contracts.places import AreaChanged
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.media.links import Record
from libs.common.policy import Role
from services.disputes.directory.consumers import AREAS
from services.disputes.disputes.domain import State
from services.disputes.dossiers.models import DisputeAccess
from services.disputes.main import may_read
from tests.disputes.factories import (
    CENTRE,
    MONDAY,
    NEIGHBOURHOOD,
    STUDIO,
    TOWN,
    Callers,
    Clock,
    as_,
    create_bodies,
    create_unit,
    outbox,
    upload,
)
from tests.disputes.matters import DISPUTES, Desk

ACCESSES = "jiayuan.disputes.access.v1"


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    """A desk over the three bodies of the place."""
    await create_bodies(database)
    return Desk(client, database)


async def listed(client: httpx.AsyncClient, role: Role, path: str = "", **wanted: Any) -> list[str]:
    """The ids of one page."""
    bound = wanted.pop("bound", {})
    answer = await client.get(f"{DISPUTES}{path}", params=wanted, headers=as_(role, **bound))
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_one_dispute_is_read_masked(desk: Desk, client: httpx.AsyncClient, database: Database) -> None:
    event = AreaChanged(happened_at=MONDAY, code=TOWN, name="曹杨新村街道", level="township")
    await database.transact(lambda s: AREAS.keep(s, [(new_id(), event)]))
    unit = str(await create_unit(database, "和平物业"))
    photo = await upload(database, "mediator-1")
    await desk.register(
        photos=[photo],
        parties=[
            {"name": "张三丰", "role": "applicant", "kind": "owner", "phone": "13812341234"},
            {"name": "和平物业", "role": "respondent", "kind": "firm", "unit_id": unit},
        ],
    )  # fmt: skip
    await desk.classify()
    await desk.assign()
    answer = await client.get(f"{DISPUTES}/{desk.id}", headers=as_(Role.MEDIATOR))
    told = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')
    assert (told["body"]["code"], told["body"]["committee_zh"]) == (
        f"{NEIGHBOURHOOD}.studio", f"{NEIGHBOURHOOD}人民调解委员会",
    )  # fmt: skip
    assert (told["type"]["code"], told["type"]["revision"], told["area_name"]) == (
        "parking",
        1,
        "曹杨新村街道",
    )
    shown = [(p["name"], p["phone"], p["unit_name"], p["consent"]) for p in told["parties"]]
    assert shown == [("张**", "138****1234", None, "pending"), ("和平物业", None, "和平物业", "pending")]
    assert told["address"] == "武宁路100弄3号"
    assert told["inner"]["description"] == "固定车位被长期占用，联系 138****1234"
    assert [p["hash"] for p in told["inner"]["photos"]] == [photo]
    assert {"consent", "refuse", "escalate"} <= set(told["allowed_actions"])
    assert "13812341234" not in answer.text


async def test_the_agreement_is_for_its_own_people_only(
    desk: Desk, client: httpx.AsyncClient, clock: Clock
) -> None:
    await desk.register()
    await desk.reach(State.MEDIATING)
    session = {"held_at": clock.now.isoformat(), "note": "双方电话13800001234沟通", "present": []}
    assert (await desk.do("sessions", session)).status_code == 200
    await desk.agree()
    own = (await client.get(f"{DISPUTES}/{desk.id}", headers=as_(Role.MEDIATOR))).json()
    assert own["inner"]["agreement"]["terms"] == "每日18时至次日8时由张三使用"
    assert own["inner"]["sessions"][0]["note"] == "双方电话138****1234沟通"
    for role in (Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION):
        told = (await client.get(f"{DISPUTES}/{desk.id}", headers=as_(role))).json()
        assert told["inner"]["agreement"] is not None
    leader = await client.get(f"{DISPUTES}/{desk.id}", headers=as_(Role.LEADER))
    assert (leader.json()["inner"], leader.json()["allowed_actions"]) == (None, [])
    assert "由张三使用" not in leader.text


async def test_who_does_not_find_it(desk: Desk, client: httpx.AsyncClient) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    strangers = [
        as_(Role.MEDIATOR, body_id=CENTRE, subject="other"),
        as_(Role.CENTRE_COORDINATOR, areas=("310101002",), body_id=None),
        as_(Role.COMMITTEE_MEMBER, estates=[new_id()]),
    ]
    for headers in strangers:
        for path in ("", "/history"):
            answer = await client.get(f"{DISPUTES}/{desk.id}{path}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "dispute-not-found")
    unknown = await client.get(f"{DISPUTES}/{new_id()}", headers=as_(Role.LEADER))
    assert unknown.status_code == 404


async def test_an_owners_committee_reads_the_disputes_of_its_estate(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    estate = new_id()
    await desk.register(estate_id=str(estate))
    bound = {"estates": [estate]}
    assert await listed(client, Role.COMMITTEE_MEMBER, bound=bound) == [str(desk.id)]
    headers = as_(Role.COMMITTEE_MEMBER, estates=[estate])
    told = (await client.get(f"{DISPUTES}/{desk.id}", headers=headers)).json()
    assert (told["inner"], told["allowed_actions"], told["parties"][0]["name"]) == (None, [], "张**")


async def test_the_lists_of_each_role(desk: Desk, client: httpx.AsyncClient, clock: Clock) -> None:
    ids: dict[str, str] = {}
    for name, state in (("closed", State.CLOSED), ("new", State.REGISTERED), ("running", State.MEDIATING)):
        each = Desk(client, desk.database)
        await each.register(title=f"纠纷{name}")
        await each.reach(state)
        ids[name] = str(each.id)
        clock.tick()
    newest = [ids["running"], ids["new"], ids["closed"]]
    for role in (Role.MEDIATOR, Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION, Role.LEADER):
        assert await listed(client, role) == newest
    assert await listed(client, Role.MEDIATOR, show="mine") == [ids["running"]]
    assert await listed(client, Role.LEADER, show="mine") == []
    assert await listed(client, Role.LEADER, show="open") == newest[:2]
    assert await listed(client, Role.LEADER, state="closed") == [ids["closed"]]
    assert await listed(client, Role.LEADER, area="310101") == []
    assert await listed(client, Role.LEADER, tier="neighbourhood", body=str(STUDIO)) == [newest[0], newest[2]]
    assert await listed(client, Role.LEADER, dispute_class="major") == []
    assert await listed(client, Role.LEADER, q="running") == [ids["running"]]
    assert await listed(client, Role.LEADER, "/by-deadline") == newest[:2]
    assert await listed(client, Role.MEDIATOR, "/by-deadline", show="mine") == [ids["running"]]
    assert await listed(client, Role.LEADER, "/by-deadline", show="overdue") == []
    clock.now = MONDAY.replace(year=2027)
    assert await listed(client, Role.LEADER, "/by-deadline", show="overdue") == [ids["running"]]
    assert await listed(client, Role.LEADER, show="overdue") == [ids["running"]]


@pytest.mark.parametrize("path", ["", "/by-deadline"])
async def test_pages_hold_every_dispute_once(
    desk: Desk, client: httpx.AsyncClient, clock: Clock, path: str
) -> None:
    made = []
    for _ in range(3):
        each = Desk(client, desk.database)
        await each.register()
        made.append(str(each.id))
        clock.tick()
    params: dict[str, Any] = {"limit": 2, "total": True}
    first = (await client.get(f"{DISPUTES}{path}", params=params, headers=as_(Role.LEADER))).json()
    rest = await listed(client, Role.LEADER, path, limit=2, after=first["next"])
    assert first["total"] == 3
    assert sorted([item["id"] for item in first["items"]] + rest) == sorted(made)
    wrong = await client.get(f"{DISPUTES}{path}", params={"after": "x"}, headers=as_(Role.LEADER))
    assert (wrong.status_code, wrong.json()["code"]) == (400, "cursor-invalid")
    every = await client.get(f"{DISPUTES}/by-deadline", params={"show": "all"}, headers=as_(Role.LEADER))
    assert every.status_code == 422


async def test_the_history_says_who_did_what(desk: Desk, client: httpx.AsyncClient) -> None:
    await desk.register()
    await desk.reach(State.REFUSED)
    path = f"{DISPUTES}/{desk.id}/history"
    steps = (await client.get(path, headers=as_(Role.MEDIATOR))).json()["items"]
    assert [step["action"] for step in steps] == ["register", "classify", "assign", "refuse"]
    assert (steps[-1]["note"], steps[-1]["to_state"]) == ("要求起诉", "refused")
    told = (await client.get(path, headers=as_(Role.LEADER))).json()["items"]
    assert [step["note"] for step in told] == [None] * 4


async def test_personal_data_is_shown_in_full_for_a_reason(
    desk: Desk, client: httpx.AsyncClient, database: Database
) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    access = new_id()
    path, body = f"{DISPUTES}/{desk.id}/accesses/{access}", {"reason": "电话通知调解时间"}
    for _ in range(2):
        answer = await client.put(path, json=body, headers=as_(Role.MEDIATOR))
        assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["parties"][0]["name"], told["parties"][0]["phone"]) == ("张三", "13812341234")
    assert told["address"] == "武宁路100弄3号501室"
    (event,) = await outbox(database, ACCESSES)
    assert event.payload["subject_id"] == str(desk.id)
    assert "张三" not in str(event.payload)
    stored = await database.read(lambda s: s.get(DisputeAccess, access))
    assert stored is not None
    assert (stored.subject, stored.purpose) == ("mediator-1", "电话通知调解时间")
    coordinator = await client.put(path, json=body, headers=as_(Role.CENTRE_COORDINATOR))
    assert (coordinator.status_code, coordinator.json()["code"]) == (409, "dispute-access-taken")


@pytest.mark.parametrize(
    ("role", "body", "told"),
    [
        (Role.LEADER, {"reason": "了解情况"}, "403 not-permitted"),
        (Role.COMMITTEE_MEMBER, {"reason": "了解情况"}, "403 not-permitted"),
        (Role.DISTRICT_MEDIATION, {"reason": "了解情况"}, "403 dispute-not-yours"),
        (Role.MEDIATOR, {}, "422 content-invalid"),
        (Role.MEDIATOR, {"reason": ""}, "422 content-invalid"),
    ],
)
async def test_nobody_else_sees_personal_data_in_full(
    desk: Desk, client: httpx.AsyncClient, database: Database, role: Role, body: dict[str, str], told: str
) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    path = f"{DISPUTES}/{desk.id}/accesses/{new_id()}"
    answer = await client.put(path, json=body, headers=as_(role))
    assert f"{answer.status_code} {answer.json()['code']}" == told
    assert await outbox(database, ACCESSES) == []


async def test_photos_are_seen_by_its_own_people(desk: Desk, client: httpx.AsyncClient) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    record = Record("dispute", desk.id)
    for role, seen in ((Role.MEDIATOR, True), (Role.CENTRE_COORDINATOR, True), (Role.LEADER, False)):
        viewer = await Callers().authenticate(as_(role), MONDAY)
        assert await desk.database.read(partial(may_read, viewer=viewer, record=record, now=MONDAY)) is seen
    stranger = await Callers().authenticate(
        as_(Role.CENTRE_COORDINATOR, areas=("310101",), body_id=None), MONDAY
    )
    assert not await desk.database.read(lambda s: may_read(s, stranger, record, MONDAY))
    assert not await desk.database.read(lambda s: may_read(s, stranger, Record("body", desk.id), MONDAY))
