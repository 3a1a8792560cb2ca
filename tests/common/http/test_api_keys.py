"""Systems call with keys: scoped, ended, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.db import Database
from libs.common.http.api_keys import KeyOrder, issue_key, revoke_key
from libs.common.ids import new_id
from libs.common.policy import Actor
from tests.common.http.conftest import NOW, Clock
from tests.common.http.test_route import NOTES, key

ADMIN = Actor("demo:administrator", "administrator")


class TestApiKeys:
    async def issue(self, database: Database, **more: Any) -> tuple[UUID, str]:
        order = KeyOrder("12345 热线", scopes=["grid.case.read"], areas=["31"], **more)
        made, text = await database.transact(lambda session: issue_key(session, order, actor=ADMIN, now=NOW))
        return made.id, text

    async def test_scopes_decide(self, anonymous: httpx.AsyncClient, database: Database) -> None:
        _, text = await self.issue(database)
        for headers in ({"X-API-Key": text}, {"Authorization": f"ApiKey {text}"}):
            assert (await anonymous.get(NOTES, headers=headers)).status_code == 200
        post = await anonymous.post(NOTES, json={"words": "x"}, headers={**key(), "X-API-Key": text})
        assert post.status_code == 403

    async def test_revoked_and_ended(
        self, anonymous: httpx.AsyncClient, database: Database, clock: Clock
    ) -> None:
        revoked, text = await self.issue(database)
        _, short = await self.issue(database, expires_at=NOW + timedelta(seconds=30))
        assert (await anonymous.get(NOTES, headers={"X-API-Key": short})).status_code == 200
        assert await database.transact(lambda session: revoke_key(session, revoked, now=NOW))
        assert not await database.transact(lambda session: revoke_key(session, new_id(), now=NOW))
        assert (await anonymous.get(NOTES, headers={"X-API-Key": text})).status_code == 401
        clock.advance(timedelta(seconds=30))
        assert (await anonymous.get(NOTES, headers={"X-API-Key": short})).status_code == 401

    @pytest.mark.parametrize("bad", ["x", "jy__", "jy_" + "0" * 32 + "_" + "A" * 43])
    async def test_rubbish(self, anonymous: httpx.AsyncClient, bad: str) -> None:
        assert (await anonymous.get(NOTES, headers={"X-API-Key": bad})).status_code == 401

    async def test_the_secret_must_fit(self, anonymous: httpx.AsyncClient, database: Database) -> None:
        made, text = await self.issue(database)
        wrong = f"jy_{made.hex}_{'A' * 43}"
        assert (await anonymous.get(NOTES, headers={"X-API-Key": wrong})).status_code == 401
        assert text not in repr(made)
