"""Who calls: hostile tokens, times, keys, revocation."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.common.db import Database
from libs.common.http import denials
from libs.common.http.auth import ClaimMap, Doorkeeper, credential_in
from libs.common.http.denials import deny, forget_denials
from libs.common.http.dev_tokens import DevIssuer
from libs.common.http.faults import Unauthenticated
from libs.common.policy import Actor, Principal, Role
from tests.common.http.conftest import NOW, Clock
from tests.common.http.test_route import NOTES, key

ADMIN = Actor("demo:administrator", "administrator")
MINUTE = timedelta(minutes=1)


def claims(**more: Any) -> dict[str, Any]:
    plain = {
        "iss": "https://id.example",
        "aud": "jiayuan",
        "sub": "someone",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=15)).timestamp()),
        "roles": ["acceptor"],
        "areas": ["310107"],
    }
    return {name: value for name, value in {**plain, **more}.items() if value is not None}


def at(moment: datetime) -> int:
    return int(moment.timestamp())


async def ask(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get(NOTES, headers={"Authorization": f"Bearer {token}"})


def part(value: Mapping[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else orjson.dumps(dict(value))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: Mapping[str, Any], said: Mapping[str, Any], secret: bytes = b"") -> str:
    """A token signed as HMAC with `secret`, or not at all."""
    head = f"{part(header)}.{part(said)}"
    signature = hmac.new(secret, head.encode(), hashlib.sha256).digest() if secret else b""
    return f"{head}.{part(signature)}"


class TestTokens:
    async def test_a_good_token_opens(self, anonymous: httpx.AsyncClient, issuer: DevIssuer) -> None:
        assert (await ask(anonymous, issuer.sign(claims()))).status_code == 200
        assert (await ask(anonymous, issuer.sign(claims(), {"typ": "JWT"}))).status_code == 200
        assert (await ask(anonymous, issuer.sign(claims(aud=["other", "jiayuan"])))).status_code == 200

    @pytest.mark.parametrize(
        "said",
        [
            {"aud": "other"},
            {"aud": None},
            {"iss": "https://evil.example"},
            {"iss": None},
            {"sub": None},
            {"sub": ""},
            {"sub": "system:grid"},
            {"sub": "key:1"},
            {"sub": "x" * 300},
            {"exp": None},
            {"iat": None},
            {"exp": "soon"},
            {"exp": True},
            {"iat": 10**30},
            {"exp": at(NOW + timedelta(minutes=16))},
            {"exp": at(NOW + timedelta(days=1))},
            {"iat": at(NOW + timedelta(minutes=2)), "exp": at(NOW + timedelta(minutes=5))},
            {"nbf": at(NOW + timedelta(minutes=2))},
            {"nbf": "later"},
            {"roles": 7},
            {"areas": [7]},
            {"unit": "not-an-id"},
            {"estates": ["not-an-id"]},
            {"until": "never"},
            {"since": "ever"},
            {"name": ["a"]},
        ],
    )
    async def test_odd_claims(
        self, anonymous: httpx.AsyncClient, issuer: DevIssuer, said: dict[str, Any]
    ) -> None:
        answer = await ask(anonymous, issuer.sign(claims(**said)))
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")

    @pytest.mark.parametrize(
        "header",
        [
            {"kid": "unknown"},
            {"kid": None},
            {"kid": "../../etc/passwd"},
            {"kid": "' OR 1=1 --"},
            {"typ": None},
            {"typ": "dpop+jwt"},
            {"crit": ["exp"], "exp": 1},
            {"crit": ["unheard-of"], "unheard-of": True},
            {"b64": False, "crit": ["b64"]},
        ],
    )
    async def test_odd_headers(
        self, anonymous: httpx.AsyncClient, issuer: DevIssuer, header: dict[str, Any]
    ) -> None:
        answer = await ask(anonymous, sign_raw(issuer, {"typ": "at+jwt", "kid": issuer.kid, **header}))
        assert answer.status_code == 401

    async def test_keys_in_the_header_are_not_read(
        self, anonymous: httpx.AsyncClient, issuer: DevIssuer
    ) -> None:
        thief = Ed25519PrivateKey.generate()
        own = jwt.algorithms.OKPAlgorithm.to_jwk(thief.public_key(), as_dict=True)
        for extra in ({"jwk": own}, {"jku": "http://127.0.0.1:1/"}, {"x5u": "http://127.0.0.1:1/"}):
            for kid in (issuer.kid, "thief"):
                token = jwt.encode(
                    claims(), thief, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": kid, **extra}
                )
                assert (await ask(anonymous, token)).status_code == 401

    async def test_no_signature_and_the_public_key_as_a_secret(
        self, anonymous: httpx.AsyncClient, issuer: DevIssuer
    ) -> None:
        public = base64.urlsafe_b64decode(issuer.jwks()["keys"][0]["x"] + "=")
        head = {"typ": "at+jwt", "kid": issuer.kid}
        for token in (
            forged({**head, "alg": "none"}, claims()),
            forged({**head, "alg": "None"}, claims()),
            forged({**head, "alg": "HS256"}, claims(), public),
            forged({**head, "alg": "EdDSA"}, claims(), public),
            forged({**head, "alg": "ES256"}, claims(), public),
            forged({**head, "alg": ["EdDSA"]}, claims(), public),
            issuer.sign(claims())[:-4] + "AAAA",
            swapped(issuer.sign(claims()), claims(roles=["administrator"])),
        ):
            assert (await ask(anonymous, token)).status_code == 401

    @pytest.mark.parametrize(
        "token",
        [
            "x",
            "a.b",
            "a.b.c",
            "....",
            "é",
            "e30.e30.e30",
            part(b"[]") + ".e30.",
            part(b"{" * 500) + ".e30.",
            "x" * 9000,
        ],
    )
    async def test_rubbish(self, anonymous: httpx.AsyncClient, token: str) -> None:
        headers = [(b"Authorization", f"Bearer {token}".encode("latin-1"))]
        assert (await anonymous.get(NOTES, headers=headers)).status_code == 401

    async def test_expiry_is_told(
        self, anonymous: httpx.AsyncClient, issuer: DevIssuer, clock: Clock
    ) -> None:
        token = issuer.sign(claims())
        clock.advance(timedelta(minutes=15, seconds=29))
        assert (await ask(anonymous, token)).status_code == 200
        clock.advance(timedelta(seconds=1))
        answer = await ask(anonymous, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "token-expired")

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer "},
            {"Authorization": "Basic dTpw"},
            {"Authorization": "Token x"},
        ],
    )
    async def test_without_a_credential(self, anonymous: httpx.AsyncClient, headers: dict[str, str]) -> None:
        answer = await anonymous.get(NOTES, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert "invalid_token" not in answer.headers["www-authenticate"]

    def test_two_credentials_are_none(self) -> None:
        with pytest.raises(Unauthenticated):
            credential_in({"authorization": "Bearer a", "x-api-key": "b"})
        assert credential_in({"authorization": "apikey a"}) == ("key", "a")
        assert credential_in({"x-api-key": "b"}) == ("key", "b")

    async def test_the_role_decides(
        self, anonymous: httpx.AsyncClient, bearer: Callable[[Role], dict[str, str]]
    ) -> None:
        answer = await anonymous.post(
            NOTES, json={"words": "x"}, headers={**key(), **bearer(Role.LEADER), "Accept-Language": "en"}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
        assert answer.json()["data"] == {"permission": "grid.case.report"}


def swapped(token: str, said: Mapping[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{part(said)}.{signature}"


def sign_raw(issuer: DevIssuer, header: Mapping[str, Any]) -> str:
    """Sign with any header, which PyJWT would not."""
    head = {"alg": "EdDSA", **{name: value for name, value in header.items() if value is not None}}
    said = f"{part(head)}.{part(claims())}"
    return f"{said}.{part(issuer.sign_bytes(said.encode()))}"


class TestHeldCredentials:
    async def test_a_denied_token_stops_within_a_minute(
        self, anonymous: httpx.AsyncClient, issuer: DevIssuer, clock: Clock, database: Database
    ) -> None:
        token, other = issuer.sign(claims(jti="one")), issuer.sign(claims(jti="two"))
        assert (await ask(anonymous, token)).status_code == 200
        await database.transact(lambda session: deny(session, denials.JTI, "one", actor=ADMIN, now=clock.now))
        assert (await ask(anonymous, token)).status_code == 200
        clock.advance(timedelta(seconds=60))
        assert (await ask(anonymous, token)).status_code == 401
        assert (await ask(anonymous, other)).status_code == 200

    async def test_a_denied_subject_needs_a_new_token(
        self,
        anonymous: httpx.AsyncClient,
        issuer: DevIssuer,
        clock: Clock,
        database: Database,
        keeper: Doorkeeper,
    ) -> None:
        token = issuer.sign(claims())
        clock.advance(MINUTE)
        for _ in range(2):
            await database.transact(
                lambda session: deny(session, denials.SUB, "someone", actor=ADMIN, now=clock.now)
            )
        assert (await ask(anonymous, token)).status_code == 401
        fresh = issuer.sign(claims(iat=at(clock.now) + 1, exp=at(clock.now) + 60))
        assert (await ask(anonymous, fresh)).status_code == 200
        keeper.forget()
        assert (await ask(anonymous, fresh)).status_code == 200
        assert await database.transact(lambda session: forget_denials(session, clock.now)) == 0
        later = clock.now + denials.KEPT_FOR + MINUTE
        assert await database.transact(lambda session: forget_denials(session, later)) == 1

    async def test_so_many_are_held(self, keeper: Doorkeeper, issuer: DevIssuer) -> None:
        keeper.most_held = 2
        for number in range(5):
            headers = {"authorization": f"Bearer {issuer.sign(claims(sub=f'p{number}'))}"}
            assert (await keeper.authenticate(headers, NOW)).subject == f"p{number}"
        assert len(keeper.held) <= 2


class TestClaims:
    def test_settings_say_where(self) -> None:
        names = {"roles": "realm_access.roles", "areas": "org.codes", "name": "preferred_username"}
        mapped = ClaimMap(names, {"wg-shouli": "acceptor"}).principal(
            {
                "sub": "s",
                "preferred_username": "李四",
                "realm_access": {"roles": ["wg-shouli", "offline_access", "leader"]},
                "org": {"codes": "310107 x 310112"},
                "unit": str(UUID(int=1)),
                "body": str(UUID(int=2)),
                "estates": [str(UUID(int=3))],
                "since": at(NOW - timedelta(days=1)),
                "until": at(NOW),
                "scopes": "a b",
                "jti": "j",
            }
        )
        assert mapped == Principal(
            subject="s",
            name="李四",
            roles=frozenset({Role.ACCEPTOR, Role.LEADER}),
            areas=("310107", "310112"),
            unit_id=UUID(int=1),
            body_id=UUID(int=2),
            estates=(UUID(int=3),),
            scopes=frozenset({"a", "b"}),
            token_id="j",
            until=NOW,
            since=NOW - timedelta(days=1),
        )

    def test_little_is_enough(self) -> None:
        plain = ClaimMap({"roles": "a.b"}, {}).principal({"sub": "s", "a": "no mapping"})
        assert (plain.name, plain.roles, plain.areas) == ("s", frozenset(), ())
