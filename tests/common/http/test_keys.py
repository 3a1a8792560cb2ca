"""The issuer's keys, and the embedded issuer."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from libs.common.http.auth import Doorkeeper
from libs.common.http.dev_tokens import DEMO_SCOPES, JWKS_FILE, KEY_FILE, DemoScope, DevIssuer
from libs.common.http.faults import TokenExpired
from libs.common.http.keys import KeysAway, KeySet, from_file, from_url, usable
from libs.common.policy import Role
from tests.common.http.conftest import NOW

MINUTE = timedelta(minutes=1)


class TestKeySet:
    def entry(self, kid: str) -> dict[str, Any]:
        public = Ed25519PrivateKey.generate().public_key()
        made: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(public, as_dict=True)
        return {**made, "kid": kid, "alg": "EdDSA"}

    async def test_refreshed_when_old_or_for_an_unknown_name(self) -> None:
        served, now, asked = [self.entry("a")], [0.0], []

        async def source() -> bytes:
            asked.append(now[0])
            return orjson.dumps({"keys": served})

        keys = KeySet(source, fresh=600, again=30, seconds=lambda: now[0])
        assert await keys.key("a")
        assert await keys.key("b") is None
        served.append(self.entry("b"))
        now[0] = 20
        assert await keys.key("b") is None
        now[0] = 31
        assert await keys.key("b")
        now[0] = 300
        assert await keys.key("a")
        assert asked == [0, 31]
        now[0] = 700
        served.clear()
        assert await keys.key("a") is None
        assert asked == [0, 31, 700]

    async def test_held_keys_count_while_the_source_is_away(self) -> None:
        answers: list[bytes] = [orjson.dumps({"keys": [self.entry("a")]})]
        now = [0.0]

        async def source() -> bytes:
            if not answers:
                raise OSError
            return answers.pop()

        keys = KeySet(source, seconds=lambda: now[0])
        assert await keys.key("a")
        now[0] = 10_000
        assert await keys.key("a")
        empty = KeySet(source)
        with pytest.raises(KeysAway):
            await empty.key("a")

    async def test_from_file_and_url(self, tmp_path: Path) -> None:
        document = orjson.dumps({"keys": [self.entry("a")]})
        (tmp_path / "jwks.json").write_bytes(document)
        assert await KeySet(from_file(tmp_path / "jwks.json")).key("a")

        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200 if request.url.path == "/jwks" else 302, content=document)

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            assert await KeySet(from_url("https://id.example/jwks", client)).key("a")
            with pytest.raises(KeysAway):
                await KeySet(from_url("https://id.example/moved", client)).key("a")

    def test_only_asymmetric_signing_keys(self) -> None:
        rsa_key = jwt.algorithms.RSAAlgorithm.to_jwk(
            rsa.generate_private_key(65537, 2048).public_key(), as_dict=True
        )
        curve = jwt.algorithms.ECAlgorithm.to_jwk(
            ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True
        )
        listed = [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"},
            {**self.entry("encryption"), "use": "enc"},
            {"kty": "OKP"},
            {"kty": "unheard-of", "kid": "odd"},
            {**rsa_key, "kid": "rsa", "alg": "RS256"},
            {**curve, "kid": "curve"},
            "no key",
        ]
        found = usable(orjson.dumps({"keys": listed}))
        assert {kid: found[kid].algorithm_name for kid in found} == {"rsa": "RS256", "curve": "ES256"}

    @pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"keys": 7}'])
    def test_no_key_set(self, document: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            usable(document)


class TestDevIssuer:
    def test_the_key_stays(self, tmp_path: Path) -> None:
        first = DevIssuer.open(tmp_path / "var", issuer="i", audience="a")
        again = DevIssuer.open(tmp_path / "var", issuer="i", audience="a")
        assert first.kid == again.kid
        assert (tmp_path / "var" / KEY_FILE).stat().st_mode & 0o077 == 0
        assert usable((tmp_path / "var" / JWKS_FILE).read_bytes())[first.kid]

    def test_another_kind_of_key_is_refused(self, tmp_path: Path) -> None:
        other = ec.generate_private_key(ec.SECP256R1())
        pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / KEY_FILE).write_bytes(pem)
        with pytest.raises(ValueError, match="Ed25519"):
            DevIssuer.open(tmp_path, issuer="i", audience="a")
        assert other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    async def test_a_token_per_role(self, issuer: DevIssuer, keeper: Doorkeeper) -> None:
        tokens = issuer.tokens(NOW)
        assert set(tokens) == set(Role)
        for role, token in tokens.items():
            known = await keeper.authenticate({"authorization": f"Bearer {token}"}, NOW)
            assert known.roles == {role}
            assert known.areas == DEMO_SCOPES[Role(role)].areas
            assert known.name.startswith("演示")

    async def test_scopes_are_carried(self, issuer: DevIssuer, keeper: Doorkeeper) -> None:
        scope = DemoScope("n", ("310107",), UUID(int=1), UUID(int=2), (UUID(int=3),))
        token = issuer.mint(Role.UNIT_CLERK, scope, NOW, lifetime=MINUTE)
        known = await keeper.authenticate({"authorization": f"Bearer {token}"}, NOW)
        assert (known.unit_id, known.body_id, known.estates) == (UUID(int=1), UUID(int=2), (UUID(int=3),))
        assert known.until is None
        elected = issuer.mint(Role.COMMITTEE_MEMBER, DemoScope("n", term=60 * MINUTE), NOW)
        member = await keeper.authenticate({"authorization": f"Bearer {elected}"}, NOW)
        assert member.until == NOW + 60 * MINUTE
        with pytest.raises(TokenExpired):
            await keeper.authenticate({"authorization": f"Bearer {token}"}, NOW + 2 * MINUTE)
        assert NOW.tzinfo is UTC
