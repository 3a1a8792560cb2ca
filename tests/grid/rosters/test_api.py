"""The rota over HTTP: imported by the office, asked by the hotline, contacts masked, gaps told."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import text

from libs.common.db import Database
from libs.common.policy import Role
from tests.grid.factories import DISTRICT, NEIGHBOURHOOD, as_, outbox

ROSTERS = "/grid/v1/rosters"
TOWN = NEIGHBOURHOOD[:9]
NIGHT: dict[str, Any] = {
    "person": "chief-1", "name": "张三丰", "telephone": "13812341234", "role": "duty_chief", "area": TOWN,
    "starts_at": "2026-11-23T08:00:00+08:00", "ends_at": "2026-11-23T20:00:00+08:00", "source": "值班表",
}  # fmt: skip


async def register(client: httpx.AsyncClient, *turns: dict[str, Any], status: int = 201) -> Any:
    answer = await client.post(ROSTERS, json={"items": turns}, headers=as_(Role.DUTY_CHIEF))
    assert answer.status_code == status, answer.text
    return answer.json()["items"] if status == 201 else answer.json()


async def get(
    client: httpx.AsyncClient, path: str = "", who: Role = Role.HOTLINE_OFFICER, **asked: Any
) -> Any:
    answer = await client.get(f"{ROSTERS}{path}", params=asked, headers=as_(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def on_duty(client: httpx.AsyncClient, area: str, at: str | None = None) -> dict[str, list[str]]:
    found = await get(client, "/on-duty", area=area, who=Role.HOTLINE_OFFICER, **({"at": at} if at else {}))
    return {item["role"]: [turn["person"] for turn in item["turns"]] for item in found["items"]}


async def test_a_rota_is_taken_as_a_whole_and_told_without_persons(
    client: httpx.AsyncClient, database: Database
) -> None:
    day = NIGHT | {
        "person": "chief-2",
        "starts_at": "2026-11-23T20:00:00+08:00",
        "ends_at": "2026-11-24T08:00:00+08:00",
    }
    made = await register(client, NIGHT, day)
    assert [(turn["name"], turn["telephone"], turn["version"]) for turn in made] == [
        ("张**", "138****1234", 1), ("张**", "138****1234", 1),
    ]  # fmt: skip
    told = await outbox(database, "jiayuan.grid.roster.v1")
    assert [(event.version, event.payload["role"]) for event in told] == [(1, "duty_chief")] * 2
    assert {"person", "name", "telephone"}.isdisjoint(told[0].payload)
    # One post, one person: nothing of a rota with a fault is kept.
    other = NIGHT | {"person": "chief-3", "area": DISTRICT}
    refused = await register(client, other, NIGHT | {"person": "chief-4"}, status=409)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("turn-taken", "/items/1/starts_at")
    assert len((await get(client, area=DISTRICT))["items"]) == 2
    far = await register(client, NIGHT | {"area": "310107001"}, status=404)
    assert far["code"] == "not-found"


async def test_who_is_on_duty_is_found_up_the_tree_at_any_instant(client: httpx.AsyncClient) -> None:
    leader = NIGHT | {"role": "leader", "person": "leader-1", "area": DISTRICT}
    inspector = NIGHT | {"role": "inspector", "person": "inspector-7", "area": NEIGHBOURHOOD}
    await register(client, NIGHT, leader, inspector)
    empty: dict[str, list[str]] = {"dispatcher": [], "duty_chief": [], "inspector": [], "leader": []}
    now = {"duty_chief": ["chief-1"], "leader": ["leader-1"]}
    assert await on_duty(client, NEIGHBOURHOOD) == empty | now | {"inspector": ["inspector-7"]}
    assert await on_duty(client, f"{TOWN}002") == empty | now
    assert await on_duty(client, f"{NEIGHBOURHOOD}001") == empty | now | {"inspector": ["inspector-7"]}
    assert await on_duty(client, DISTRICT) == empty | {"leader": ["leader-1"]}
    assert await on_duty(client, NEIGHBOURHOOD, "2026-11-23T20:00:00+08:00") == empty
    assert await on_duty(client, NEIGHBOURHOOD, "2026-11-23T08:00:00+08:00") != empty
    answer = await client.get(
        f"{ROSTERS}/on-duty", params={"area": "310107"}, headers=as_(Role.HOTLINE_OFFICER)
    )
    assert answer.status_code == 404


async def test_a_turn_is_changed_and_cancelled_with_a_history_that_hides_the_telephone(
    client: httpx.AsyncClient,
) -> None:
    (made,) = await register(client, NIGHT)
    path, office = f"{ROSTERS}/{made['id']}", Role.ADMINISTRATOR
    changes = {"person": "chief-9", "telephone": "13900001111", "substitute": "chief-8"}
    stale = await client.patch(path, json=changes, headers=as_(office, version=9))
    assert stale.status_code == 412
    answer = await client.patch(path, json=changes, headers=as_(office, version=1))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["person"], answer.json()["telephone"]) == ("chief-9", "139****1111")
    gone = await client.post(f"{path}/cancel", json={"reason": "调休"}, headers=as_(office, version=2))
    assert gone.status_code == 200, gone.text
    again = await client.post(f"{path}/cancel", json={"reason": "调休"}, headers=as_(office, version=3))
    assert (again.status_code, again.json()["code"]) == (409, "turn-ended")
    steps = (await get(client, f"/{made['id']}/history"))["items"]
    assert [(step["action"], step["note"]) for step in steps] == [
        ("register", None), ("change", None), ("cancel", "调休"),
    ]  # fmt: skip
    assert steps[1]["changed"]["person"] == {"from": "chief-1", "to": "chief-9"}
    assert steps[1]["changed"]["telephone"] == {}
    # Who is cancelled is not on duty, and leaves the post to another.
    assert (await on_duty(client, TOWN))["duty_chief"] == []
    await register(client, NIGHT | {"person": "chief-3"})


async def test_the_contact_in_full_is_told_with_a_reason(
    client: httpx.AsyncClient, database: Database
) -> None:
    (made,) = await register(client, NIGHT)
    path = f"{ROSTERS}/{made['id']}/contact"
    answer = await client.post(path, json={"reason": "夜间漏水"}, headers=as_(Role.HOTLINE_OFFICER))
    assert answer.json() == {"name": "张三丰", "telephone": "13812341234"}
    (told,) = await outbox(database, "jiayuan.grid.access.v1")
    assert told.payload["fields"] == ["name", "telephone"]
    nobody = await client.post(path, json={"reason": "好奇"}, headers=as_(Role.ADMINISTRATOR))
    assert nobody.status_code == 403


async def test_gaps_of_a_week_by_role(client: httpx.AsyncClient) -> None:
    await register(
        client, NIGHT, NIGHT | {"area": DISTRICT, "person": "chief-2", "ends_at": "2026-11-30T00:00:00+08:00"}
    )
    own = await get(client, "/gaps", area=TOWN, week="2026-11-23")
    gaps = [(gap["starts_at"], gap["ends_at"]) for gap in own["items"] if gap["role"] == "duty_chief"]
    assert gaps == [
        ("2026-11-22T16:00:00Z", "2026-11-23T00:00:00Z"), ("2026-11-23T12:00:00Z", "2026-11-29T16:00:00Z"),
    ]  # fmt: skip
    wide = await get(client, "/gaps", area=TOWN, week="2026-11-23", above=True)
    gaps = [(gap["starts_at"], gap["ends_at"]) for gap in wide["items"] if gap["role"] == "duty_chief"]
    assert gaps == [("2026-11-22T16:00:00Z", "2026-11-23T00:00:00Z")]
    assert {gap["role"] for gap in own["items"]} == {"dispatcher", "duty_chief", "inspector", "leader"}


async def test_pages_of_a_week(client: httpx.AsyncClient) -> None:
    turns = [
        NIGHT | {"role": "inspector", "person": f"inspector-{number}", "area": f"{NEIGHBOURHOOD}001"}
        for number in range(5)
    ]
    await register(client, *turns)
    first = await get(client, limit=3, since="2026-11-23")
    second = await get(client, limit=3, since="2026-11-23", after=first["next"])
    people = [turn["person"] for turn in (*first["items"], *second["items"])]
    assert sorted(people) == [f"inspector-{number}" for number in range(5)]
    assert (await get(client, since="2026-11-24"))["items"] == []
    assert len((await get(client, since="2026-11-20", until="2026-11-23", role="inspector"))["items"]) == 5


async def test_on_duty_is_served_by_an_index_whatever_the_instant(
    client: httpx.AsyncClient, database: Database
) -> None:
    fill = """INSERT INTO roster_turn (id, version, person, name, role, area, starts_at, ends_at, source)
        SELECT gen_random_uuid(), 1, 'p' || n, 'x', 'inspector', '3101010020' || 10 + n % 50,
            timestamptz '2020-01-01' + n * interval '1 hour',
            timestamptz '2020-01-01' + (n + 8) * interval '1 hour', 's'
        FROM generate_series(1, 50000) AS n"""
    asked = """EXPLAIN SELECT * FROM roster_turn
        WHERE area IN ('310101002013', '310101002', '310101', '3101', '31')
        AND cancelled_at IS NULL AND starts_at > timestamptz '2023-05-01' - interval '168 hours'
        AND starts_at <= timestamptz '2023-05-01' AND ends_at > timestamptz '2023-05-01'"""
    await database.transact(lambda s: s.execute(text(fill)))
    await database.transact(lambda s: s.execute(text("ANALYZE roster_turn")))
    plan = "\n".join(row[0] for row in await database.read(lambda s: s.execute(text(asked))))
    assert "ix_roster_turn_now" in plan, plan
