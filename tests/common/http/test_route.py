"""One request, one transaction, one answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select

from libs.common.db import ATTEMPTS, Database
from libs.common.http.idempotency import KEPT_FOR, forget_answers
from libs.common.http.models import StoredAnswer
from libs.common.ids import new_id
from tests.common.http.conftest import NOW
from tests.common.http.sample import Note, Stage

NOTES = "/sample/v1/notes"


def key(value: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": value or uuid4().hex}


async def count(database: Database, table: Any = Note) -> int:
    async with database.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


class TestRepeats:
    async def test_first_request_makes_and_answers(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        answer = await client.post(NOTES, json={"words": "灯不亮"}, headers=key())
        assert answer.status_code == 201
        assert answer.json()["words"] == "灯不亮"
        assert answer.headers["etag"] == '"1"'
        assert await count(database) == 1

    async def test_post_without_key_is_refused(self, client: httpx.AsyncClient, database: Database) -> None:
        answer = await client.post(NOTES, json={"words": "x"})
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
        assert await count(database) == 0

    @pytest.mark.parametrize("bad", ["", "a b", "x" * 256, "é"])
    async def test_odd_key_is_refused(self, client: httpx.AsyncClient, bad: str) -> None:
        headers = [(b"Idempotency-Key", bad.encode("latin-1"))]
        answer = await client.post(NOTES, json={"words": "x"}, headers=headers)
        assert answer.status_code == 400

    async def test_repeat_gets_the_stored_answer(
        self, client: httpx.AsyncClient, database: Database, stage: Stage
    ) -> None:
        same = key()
        first = await client.post(NOTES, json={"words": "x", "weight": 2}, headers=same)
        again = await client.post(
            NOTES, content=b'{ "weight":2,"words":"x"}', headers={**same, "Content-Type": "application/json"}
        )
        assert (again.status_code, again.content) == (201, first.content)
        for name in ("etag", "location", "content-type"):
            assert again.headers[name] == first.headers[name]
        assert (await count(database), stage.runs) == (1, 1)

    async def test_other_body_or_path_with_the_key_is_refused(self, client: httpx.AsyncClient) -> None:
        same = key()
        await client.post(NOTES, json={"words": "x"}, headers=same)
        other = await client.post(NOTES, json={"words": "y"}, headers=same)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
        query = await client.post(NOTES + "?a=1", json={"words": "x"}, headers=same)
        assert query.status_code == 422

    async def test_three_at_once(self, client: httpx.AsyncClient, database: Database, stage: Stage) -> None:
        stage.pause = asyncio.Event()
        same = key()
        first = asyncio.ensure_future(client.post(NOTES, json={"words": "x"}, headers=same))
        await asyncio.wait_for(stage.entered.wait(), 10)
        others = [await client.post(NOTES, json={"words": "x"}, headers=same) for _ in range(2)]
        stage.pause.set()
        assert (await first).status_code == 201
        assert [other.status_code for other in others] == [409, 409]
        assert {other.headers["retry-after"] for other in others} == {"1"}
        assert others[0].json()["code"] == "request-in-flight"
        again = await client.post(NOTES, json={"words": "x"}, headers=same)
        assert (again.status_code, await count(database)) == (201, 1)

    async def test_errors_are_not_stored(self, client: httpx.AsyncClient, database: Database) -> None:
        same = key()
        refused = await client.post(f"{NOTES}/{new_id()}/touch", headers=same)
        assert (refused.status_code, await count(database, StoredAnswer)) == (409, 0)


class TestTransaction:
    async def test_what_fails_at_the_commit_is_not_acknowledged(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        """A deferred foreign key is checked by COMMIT itself: the reply must wait for it."""
        body = {"words": "x", "parent": str(new_id())}
        answer = await client.post(NOTES, json=body, headers=key())
        assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
        assert (await count(database), await count(database, StoredAnswer)) == (0, 0)

    @pytest.mark.parametrize("state", ["40P01", "40001", "55P03"])
    async def test_a_lost_race_runs_again_as_a_whole(
        self, client: httpx.AsyncClient, database: Database, stage: Stage, state: str
    ) -> None:
        stage.failures = [state, state]
        answer = await client.post(NOTES, json={"words": "x"}, headers=key())
        assert (answer.status_code, stage.runs, await count(database)) == (201, 3, 1)

    async def test_a_race_lost_too_often_says_come_back(
        self, client: httpx.AsyncClient, database: Database, stage: Stage
    ) -> None:
        stage.failures = ["40001"] * 3
        same = key()
        answer = await client.post(NOTES, json={"words": "x"}, headers=same)
        assert (answer.status_code, await count(database)) == (503, 0)
        assert answer.headers["retry-after"] == "2"
        assert (await client.post(NOTES, json={"words": "x"}, headers=same)).status_code == 201

    @pytest.mark.parametrize(
        "state, status", [("22003", 422), ("23505", 409), ("57P01", 503), ("53300", 503), ("P0001", 500)]
    )
    async def test_what_the_database_refuses(
        self, client: httpx.AsyncClient, stage: Stage, state: str, status: int
    ) -> None:
        stage.failures = [state]
        answer = await client.post(NOTES, json={"words": "x"}, headers=key())
        assert answer.status_code == status
        assert "planted" not in answer.text

    async def test_a_lost_connection_is_not_felt(
        self, client: httpx.AsyncClient, database: Database, stage: Stage
    ) -> None:
        stage.failures = ["terminate"]
        answer = await client.post(NOTES, json={"words": "x"}, headers=key())
        assert (answer.status_code, await count(database)) == (201, 1)

    async def test_connections_lost_again_and_again_say_come_back(
        self, client: httpx.AsyncClient, database: Database, stage: Stage
    ) -> None:
        stage.failures = ["terminate"] * ATTEMPTS
        same = key()
        answer = await client.post(NOTES, json={"words": "x"}, headers=same)
        assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
        assert (await client.post(NOTES, json={"words": "x"}, headers=same)).status_code == 201
        assert await count(database) == 1

    async def test_a_caller_who_goes_away_leaves_a_whole_command(
        self, client: httpx.AsyncClient, database: Database, stage: Stage
    ) -> None:
        stage.pause = asyncio.Event()
        same = key()
        asking = asyncio.ensure_future(client.post(NOTES, json={"words": "x"}, headers=same))
        await asyncio.wait_for(stage.entered.wait(), 10)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        stage.pause.set()
        again = await client.post(NOTES, json={"words": "x"}, headers=same)
        while again.status_code == 409:
            again = await client.post(NOTES, json={"words": "x"}, headers=same)
        assert (again.status_code, stage.runs, await count(database)) == (201, 1, 1)


class TestPut:
    async def test_the_id_is_the_key(self, client: httpx.AsyncClient, database: Database) -> None:
        path = f"{NOTES}/{new_id()}"
        first = await client.put(path, json={"words": "x", "weight": 2.0})
        again = await client.put(path, json={"weight": 2.0, "words": "x"})
        other = await client.put(path, json={"words": "y"})
        assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
        assert first.json() == again.json()
        assert await count(database) == 1

    async def test_two_at_once_make_one(self, client: httpx.AsyncClient, database: Database) -> None:
        path = f"{NOTES}/{new_id()}"
        answers = await asyncio.gather(*(client.put(path, json={"words": "x"}) for _ in range(3)))
        assert {answer.status_code for answer in answers} <= {200, 201, 409}
        assert (await client.put(path, json={"words": "x"})).status_code == 200
        assert await count(database) == 1


class TestVersions:
    async def make(self, client: httpx.AsyncClient) -> str:
        made = await client.post(NOTES, json={"words": "x"}, headers=key())
        return f"{NOTES}/{made.json()['id']}"

    async def test_a_change_needs_the_version(self, client: httpx.AsyncClient) -> None:
        path = await self.make(client)
        change = f"{path}/change"
        missing = await client.post(change, json={"words": "y"}, headers=key())
        assert (missing.status_code, missing.json()["code"]) == (428, "version-required")
        done = await client.post(change, json={"words": "y"}, headers={**key(), "If-Match": '"1"'})
        assert (done.status_code, done.headers["etag"]) == (200, '"2"')
        stale = await client.post(change, json={"words": "z"}, headers={**key(), "If-Match": '"1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
        assert stale.json()["data"] == {"current": 2, "given": 1}
        assert (await client.get(path)).headers["etag"] == '"2"'

    @pytest.mark.parametrize("tag, status", [("1", 400), ("*", 400), ('"x"', 400), ('W/"1"', 412), ("", 400)])
    async def test_odd_tags(self, client: httpx.AsyncClient, tag: str, status: int) -> None:
        path = await self.make(client)
        answer = await client.post(f"{path}/change", json={"words": "y"}, headers={**key(), "If-Match": tag})
        assert answer.status_code == status

    async def test_unchanged_is_not_sent_again(self, client: httpx.AsyncClient) -> None:
        path = await self.make(client)
        first = await client.get(path)
        same = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        other = await client.get(path, headers={"If-None-Match": '"7"'})
        assert other.status_code == 200


async def test_old_answers_are_forgotten(client: httpx.AsyncClient, database: Database) -> None:
    same = key()
    await client.post(NOTES, json={"words": "x"}, headers=same)
    assert await database.transact(lambda session: forget_answers(session, NOW + KEPT_FOR)) == 0
    later = NOW + KEPT_FOR + timedelta(seconds=1)
    assert await database.transact(lambda session: forget_answers(session, later)) == 1
    assert (await client.post(NOTES, json={"words": "y"}, headers=same)).status_code == 201
