"""Bad commands on a case, bad tokens and repeats: refused in both languages, nothing is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from libs.common.db import Database
from libs.common.http.auth import doorkeeper
from libs.common.http.dev_tokens import DevIssuer
from libs.common.http.keys import KeySet
from libs.common.ids import new_id
from libs.common.policy import Role
from libs.common.settings import Settings
from services.grid.main import SERVICE
from tests.grid.factories import DISTRICT, ELSEWHERE, MONDAY, Clock, Desk, as_, report_body
from tests.grid.reports.door import JSON, Door, changed, counts, pointers
from tests.support.apps import lent_app

ACCEPTOR, CHIEF, INSPECTOR = Role.ACCEPTOR, Role.DUTY_CHIEF, Role.INSPECTOR
REASON = {"reason_code": "private-matter", "reason": "属于私人事务"}


def path_of(case_id: UUID, action: str) -> str:
    return f"/grid/v1/cases/{case_id}/{action}"


class TestCommands:
    """Commands on a case that was reported (version 1)."""

    @pytest.mark.parametrize(
        ("action", "role", "body"),
        [
            ("file", CHIEF, {"standard": "found"}),
            ("dispatch", Role.DISPATCHER, {"squad": "网格处置一队"}),
            ("start", INSPECTOR, None),
            ("check", INSPECTOR, {"passed": True, "note": "已清理"}),
            ("close", CHIEF, {"note": "同意结案"}),
            ("reopen", CHIEF, {"reason": "再次发生"}),
        ],
    )
    async def test_an_illegal_transition(
        self, door: Door, action: str, role: Role, body: dict[str, Any] | None
    ) -> None:
        path = path_of(await door.desk.report(), action)
        headers = as_(role, version=1)
        document = await door.refuses("POST", path, 409, "illegal-transition", headers, json=body)
        assert document["data"]["state"] == "reported"
        assert "accept" in document["data"]["allowed"]

    @pytest.mark.parametrize("version", [0, 2, 999_999_999])
    async def test_a_stale_version(self, door: Door, version: int) -> None:
        path = path_of(await door.desk.report(), "accept")
        document = await door.refuses("POST", path, 412, "stale-version", as_(ACCEPTOR, version=version))
        assert document["data"] == {"current": 1, "given": version}

    async def test_no_version(self, door: Door) -> None:
        path = path_of(await door.desk.report(), "accept")
        await door.refuses("POST", path, 428, "version-required", as_(ACCEPTOR))

    @pytest.mark.parametrize("tag", ["1", "*", '"x"', '"1", "2"', '"-1"', '"1e1"', '"99999999999999999999"'])
    async def test_what_is_no_version(self, door: Door, tag: str) -> None:
        path = path_of(await door.desk.report(), "accept")
        await door.refuses("POST", path, 400, "malformed", as_(ACCEPTOR) | {"if-match": tag})

    async def test_no_key(self, door: Door) -> None:
        path = path_of(await door.desk.report(), "accept")
        headers = as_(ACCEPTOR, version=1)
        del headers["idempotency-key"]
        await door.refuses("POST", path, 400, "idempotency-key-missing", headers)

    @pytest.mark.parametrize("key", ["", "with a space", "x" * 256])
    async def test_what_is_no_key(self, door: Door, key: str) -> None:
        path = path_of(await door.desk.report(), "accept")
        headers = as_(ACCEPTOR, version=1) | {"idempotency-key": key}
        await door.refuses("POST", path, 400, "malformed", headers)

    async def test_a_repeated_key_with_another_body_or_version_or_case(self, door: Door) -> None:
        case_id, other = await door.desk.report(), await door.desk.report()
        headers = as_(ACCEPTOR, version=1, key=f"once-{case_id}")
        path = path_of(case_id, "reject")
        first = await door.client.post(path, json=REASON, headers=headers)
        assert first.status_code == 200, first.text
        changed_body = REASON | {"reason": "别的理由"}
        code = "idempotency-key-reused"
        await door.refuses("POST", path, 422, code, headers, json=changed_body)
        await door.refuses("POST", path_of(other, "reject"), 422, code, headers, json=REASON)
        before = await counts(door.database)
        again = await door.client.post(path, json=REASON, headers=headers)
        assert (again.status_code, again.content) == (200, first.content)
        assert await counts(door.database) == before

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({}, ["/reason_code", "/reason"]),
            (REASON | {"state": "closed"}, ["/state"]),
            (REASON | {"reason_code": "because"}, ["/reason_code"]),
            (REASON | {"reason": 7}, ["/reason"]),
            (REASON | {"reason": "  "}, ["/reason"]),
            (REASON | {"reason": "长" * 4001}, ["/reason"]),
            ([], [""]),
        ],
    )
    async def test_a_body_of_another_shape(self, door: Door, body: Any, where: list[str]) -> None:
        path = path_of(await door.desk.report(), "reject")
        headers = as_(ACCEPTOR, version=1)
        document = await door.refuses("POST", path, 422, "content-invalid", headers, json=body)
        assert [error["pointer"] for error in document["errors"]] == where

    @pytest.mark.parametrize(
        ("raw", "status", "code"),
        [
            (b'{"reason_code": "other", "reason": ', 400, "malformed-json"),
            (b'{"reason_code": "other", "reason": "\\ud800"}', 400, "malformed-json"),
            (b'{"reason_code": "other", "reason": NaN}', 400, "malformed-json"),
            (b'{"reason_code": "other", "reason": "a\\u0000b"}', 422, "control-characters"),
            (b'{"reason": "' + b"x" * Settings().body_limit + b'"}', 413, "body-too-large"),
        ],
        ids=["cut off", "surrogate", "NaN", "NUL", "oversized"],
    )
    async def test_bytes_that_are_no_body(self, door: Door, raw: bytes, status: int, code: str) -> None:
        path = path_of(await door.desk.report(), "reject")
        await door.refuses("POST", path, status, code, as_(ACCEPTOR, version=1) | JSON, content=raw)

    @pytest.mark.parametrize(
        ("standard", "category", "code", "where"),
        [
            ("invented", None, "standard-unknown", "/standard"),
            ("found", "9999", "category-unknown", "/category"),
        ],
    )
    async def test_a_standard_that_does_not_exist(
        self, door: Door, standard: str, category: str | None, code: str, where: str
    ) -> None:
        case_id = await door.desk.report()
        await door.desk.step(case_id, "accept")
        body = {"standard": standard, "category": category}
        headers = as_(CHIEF, version=2)
        document = await door.refuses("POST", path_of(case_id, "file"), 422, code, headers, json=body)
        assert pointers(document) == [where]

    async def test_a_unit_that_does_not_exist(self, door: Door) -> None:
        case_id = await door.desk.filed()
        body = {"unit_id": str(new_id())}
        headers = as_(Role.DISPATCHER, version=3)
        document = await door.refuses(
            "POST", path_of(case_id, "dispatch"), 422, "unit-unknown", headers, json=body
        )
        assert pointers(document) == ["/unit_id"]

    @pytest.mark.parametrize("areas", [[], [ELSEWHERE], ["310101003"], ["310101002001001"]])
    async def test_a_case_outside_the_callers_area(self, door: Door, areas: list[str]) -> None:
        case_id = await door.desk.report()
        headers = as_(ACCEPTOR, areas=areas, version=1)
        for action, body in (("accept", None), ("reject", REASON), ("claim", None)):
            await door.refuses("POST", path_of(case_id, action), 404, "case-not-found", headers, json=body)
        for rest in ("", "/history", "/dispatches", "/checks", "/possible-duplicates"):
            path = f"/grid/v1/cases/{case_id}{rest}"
            await door.refuses("GET", path, 404, "case-not-found", headers)

    async def test_a_case_that_does_not_exist(self, door: Door) -> None:
        headers = as_(ACCEPTOR, version=1)
        await door.refuses("POST", path_of(new_id(), "accept"), 404, "case-not-found", headers)

    async def test_a_role_that_may_not(self, door: Door) -> None:
        path = path_of(await door.desk.report(), "accept")
        await door.refuses("POST", path, 403, "not-permitted", as_(INSPECTOR, version=1))

    async def test_a_step_that_does_not_exist(self, door: Door) -> None:
        path = path_of(await door.desk.report(), "explode")
        await door.refuses("POST", path, 404, "route-not-found", as_(ACCEPTOR, version=1))
        await door.refuses("DELETE", "/grid/v1/cases", 405, "method-not-allowed", as_(ACCEPTOR))

    @pytest.mark.parametrize(
        "found_at", ["1999-12-31T23:59:59+08:00", "2126-01-01T00:00:00+08:00", "0001-01-01T00:00:00+14:00"]
    )
    async def test_a_correction_to_an_impossible_time(self, door: Door, found_at: str) -> None:
        path = path_of(await door.desk.report(), "correct")
        body = {"found_at": found_at, "reason": "时间写错"}
        headers = as_(INSPECTOR, version=1)
        document = await door.refuses("POST", path, 422, "time-out-of-range", headers, json=body)
        assert pointers(document) == ["/found_at"]

    @pytest.mark.parametrize(
        ("place", "status", "code", "where"),
        [
            ({"area": "310101002999"}, 422, "place-unknown", "/place/area"),
            ({"point": {"lon": 116.4, "lat": 39.9, "crs": "WGS84"}}, 422, "outside-area", "/place/point"),
            ({"point": {"lon": 121.4, "lat": 31.2}}, 422, "content-invalid", "/place/point/crs"),
            ({}, 422, "content-invalid", "/place"),
        ],
    )
    async def test_a_correction_to_an_impossible_place(
        self, door: Door, place: dict[str, Any], status: int, code: str, where: str
    ) -> None:
        path = path_of(await door.desk.report(), "correct")
        body = {"place": place, "reason": "地点写错"}
        document = await door.refuses("POST", path, status, code, as_(INSPECTOR, version=1), json=body)
        assert pointers(document) == [where]


class TestRepeats:
    async def test_the_same_id_with_another_body(self, door: Door) -> None:
        case_id = await door.desk.report()
        first = await door.desk.read(case_id)
        body = report_body(description="完全不同的内容")
        path = f"/grid/v1/cases/{case_id}"
        await door.refuses("PUT", path, 409, "case-exists", as_(INSPECTOR), json=body)
        assert await door.desk.read(case_id) == first

    async def test_the_same_body_by_another_person(self, door: Door) -> None:
        case_id, body = new_id(), report_body()
        await door.desk.report(case_id, photos=[])
        other = as_(INSPECTOR, subject="inspector-9")
        path = f"/grid/v1/cases/{case_id}"
        await door.refuses("PUT", path, 409, "case-exists", other, json=body | {"photos": []})

    async def test_the_same_body_again_is_the_first_receipt(self, door: Door) -> None:
        body, path = report_body(), f"/grid/v1/cases/{new_id()}"
        first = await door.client.put(path, json=body, headers=as_(INSPECTOR))
        before = await counts(door.database)
        door.desk.clock.tick(timedelta(days=40))
        again = await door.client.put(path, json=dict(reversed(body.items())), headers=as_(INSPECTOR))
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert await counts(door.database) == before

    async def test_the_channels_own_number_twice(self, door: Door) -> None:
        await door.desk.report(source_number="X-1")
        body = changed({"/source_number": "X-1"})
        document = await door.refuses_report(409, "source-number-exists", json=body)
        assert pointers(document) == ["/source_number"]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevIssuer:
    folder: Path = tmp_path_factory.mktemp("issuer")
    return DevIssuer.open(folder, issuer=Settings().issuer, audience=Settings().audience)


class TestTokens:
    """The service as it runs, with the tokens of an issuer."""

    @pytest.fixture
    async def real(self, shared: Database, issuer: DevIssuer) -> AsyncIterator[Door]:
        async def source() -> bytes:
            return orjson.dumps(issuer.jwks())

        clock = Clock()
        keeper = doorkeeper(Settings(), shared, KeySet(source))
        with lent_app(SERVICE, database=shared, authenticator=keeper, clock=clock) as app:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://grid.test") as client:
                yield Door(client, shared, Desk(client, clock, shared))

    def claims(self, minted: datetime = MONDAY, **more: Any) -> dict[str, Any]:
        return {
            "iss": Settings().issuer,
            "aud": Settings().audience,
            "sub": "inspector-1",
            "iat": int(minted.timestamp()),
            "exp": int((minted + timedelta(minutes=15)).timestamp()),
            "roles": ["inspector"],
            "areas": [DISTRICT],
        } | more

    async def refused(self, door: Door, token: str, code: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        path = f"/grid/v1/cases/{new_id()}"
        await door.refuses("PUT", path, 401, code, headers, json=changed({}))
        await door.refuses("GET", "/grid/v1/cases", 401, code, headers)

    async def test_a_good_one(self, real: Door, issuer: DevIssuer) -> None:
        headers = {"authorization": f"Bearer {issuer.sign(self.claims())}"}
        path = f"/grid/v1/cases/{new_id()}"
        answer = await real.client.put(path, json=changed({}), headers=headers)
        assert answer.status_code == 201, answer.text

    async def test_none(self, real: Door) -> None:
        path = f"/grid/v1/cases/{new_id()}"
        await real.refuses("PUT", path, 401, "unauthenticated", {}, json=changed({}))

    async def test_an_expired_one(self, real: Door, issuer: DevIssuer) -> None:
        old = self.claims(MONDAY - timedelta(minutes=16))
        await self.refused(real, issuer.sign(old), "token-expired")

    @pytest.mark.parametrize(
        "more",
        [
            {"aud": "another"},
            {"iss": "https://another.example"},
            {"exp": int((MONDAY + timedelta(days=1)).timestamp())},
            {"iat": int((MONDAY + timedelta(hours=1)).timestamp())},
            {"sub": ""},
        ],
    )
    async def test_one_that_was_not_meant(self, real: Door, issuer: DevIssuer, more: dict[str, Any]) -> None:
        await self.refused(real, issuer.sign(self.claims(**more)), "unauthenticated")

    async def test_forged_ones(self, real: Door, issuer: DevIssuer, tmp_path: Path) -> None:
        stranger = DevIssuer.open(tmp_path, issuer=Settings().issuer, audience=Settings().audience)
        theirs = stranger.sign(self.claims(), {"kid": issuer.kid})
        nothing = {"alg": "none", "typ": "JWT", "kid": issuer.kid}
        unsigned = f"{_part(nothing)}.{_part(self.claims())}."
        head, body, seal = issuer.sign(self.claims(roles=["inspector"])).split(".")
        raised = _part(self.claims(roles=["administrator"]))
        for token in (theirs, unsigned, f"{head}.{raised}.{seal}", f"{head}.{body}.", "x", "a.b.c"):
            await self.refused(real, token, "unauthenticated")

    async def test_the_public_key_is_no_secret(self, real: Door, issuer: DevIssuer) -> None:
        public = json.dumps(issuer.jwks()["keys"][0]).encode()
        head = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': issuer.kid})}.{_part(self.claims())}"
        seal = base64.urlsafe_b64encode(hmac.digest(public, head.encode(), hashlib.sha256)).rstrip(b"=")
        await self.refused(real, f"{head}.{seal.decode()}", "unauthenticated")


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()
