"""The embedded issuer 开发令牌: a key pair of this machine, and tokens for the demonstration's roles.

Only the embedded mode uses it; elsewhere tokens come from the issuer in settings.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from libs.common.http.auth import LIFETIME
from libs.common.ids import new_id
from libs.common.policy import GRANTS, Role

KEY_FILE = "issuer.pem"
JWKS_FILE = "jwks.json"


@dataclass(frozen=True)
class DemoScope:
    """Whom a development token speaks for, and what they see."""

    name: str
    areas: tuple[str, ...] = ()
    unit_id: UUID | None = None
    body_id: UUID | None = None
    estates: tuple[UUID, ...] = ()
    scopes: tuple[str, ...] = field(default=())
    term: timedelta | None = None
    """How long from now the estates are theirs, as an owners' committee is elected (任期)."""
    subject: str = ""
    """Who it is at the identity provider; by default `demo:<role>`."""


_DISTRICT = ("310107",)
_TOWN = ("310107005",)
_NEIGHBOURHOOD = ("310107005001",)

DEMO_SCOPES: Mapping[Role, DemoScope] = {
    Role.INSPECTOR: DemoScope("演示网格员", _NEIGHBOURHOOD),
    Role.HOTLINE_OFFICER: DemoScope("演示热线承办人", _DISTRICT),
    Role.ACCEPTOR: DemoScope("演示受理员", _DISTRICT),
    Role.DUTY_CHIEF: DemoScope("演示值班长", _DISTRICT),
    Role.DISPATCHER: DemoScope("演示派遣员", _DISTRICT),
    Role.UNIT_CLERK: DemoScope("演示单位承办人", _DISTRICT),
    Role.UNIT_LEADER: DemoScope("演示单位负责人", _DISTRICT),
    Role.MEDIATOR: DemoScope("演示调解员", _NEIGHBOURHOOD),
    Role.CENTRE_COORDINATOR: DemoScope("演示联合中心协调员", _TOWN),
    Role.DISTRICT_MEDIATION: DemoScope("演示区调解委员会", _DISTRICT),
    Role.TARGET_OFFICER: DemoScope("演示目标管理员", _DISTRICT),
    Role.SUPERVISION_OFFICE: DemoScope("演示督查室", _DISTRICT),
    Role.LEADER: DemoScope("演示分管领导", _DISTRICT),
    Role.FIRM_MANAGER: DemoScope("演示项目经理"),
    Role.COMMITTEE_MEMBER: DemoScope("演示业委会委员"),
    Role.SYSTEM: DemoScope(
        "演示对接系统",
        ("31",),
        scopes=tuple(sorted(name for name, roles in GRANTS.items() if Role.SYSTEM in roles)),
    ),
    Role.ADMINISTRATOR: DemoScope("演示管理员", ("31",)),
}
"""A plausible scope per role, in 普陀区 (310107). The composition root adds units and estates."""


class DevIssuer:
    """Signs tokens with a key of its own. `folder` keeps the key pair between starts.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     issuer = DevIssuer.open(Path(folder), issuer="https://id.example", audience="jiayuan")
    >>> issuer.kid == issuer.jwks()["keys"][0]["kid"]
    True
    """

    def __init__(self, key: Ed25519PrivateKey, *, issuer: str, audience: str) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience
        public = key.public_key().public_bytes_raw()
        self.kid = hashlib.sha256(public).hexdigest()[:16]

    @classmethod
    def open(cls, folder: Path, *, issuer: str, audience: str) -> DevIssuer:
        """The issuer of this folder: its key pair is made the first time, its JWKS is written beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / KEY_FILE
        if not file.exists():
            made = Ed25519PrivateKey.generate()
            pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_private(file, pem)
        key = load_pem_private_key(file.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{file} holds no Ed25519 key")
        opened = cls(key, issuer=issuer, audience=audience)
        write_private(folder / JWKS_FILE, orjson.dumps(opened.jwks()))
        return opened

    def jwks(self) -> dict[str, Any]:
        """The public key as a key set."""
        public: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.kid, "alg": "EdDSA", "use": "sig"}]}

    def mint(self, role: Role, scope: DemoScope, now: datetime, *, lifetime: timedelta = LIFETIME) -> str:
        """A token for the role with this scope, valid from `now` (UTC) for `lifetime`, at most 15 minutes."""
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": scope.subject or f"demo:{role}",
            "jti": new_id().hex,
            "name": scope.name,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "roles": [role],
            "areas": list(scope.areas),
            "unit": scope.unit_id and str(scope.unit_id),
            "body": scope.body_id and str(scope.body_id),
            "estates": [str(estate) for estate in scope.estates],
            "until": scope.term and int((now + scope.term).timestamp()),
            "scopes": list(scope.scopes),
        }
        said = {name: value for name, value in claims.items() if value is not None}
        return self.sign(said)

    def sign(self, claims: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> str:
        """A token with exactly these claims."""
        head = {"typ": "at+jwt", "kid": self.kid, **(headers or {})}
        return jwt.encode(dict(claims), self._key, algorithm="EdDSA", headers=head)

    def sign_bytes(self, content: bytes) -> bytes:
        """The key's signature of any bytes: tests forge with it what no library would sign."""
        return self._key.sign(content)

    def tokens(self, now: datetime, scopes: Mapping[Role, DemoScope] = DEMO_SCOPES) -> dict[str, str]:
        """A token per role key, as `var/tokens.json` holds them."""
        return {str(role): self.mint(role, scope, now) for role, scope in scopes.items()}


def write_private(file: Path, content: bytes) -> None:
    """Replace the file in one step; only its owner may read it."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    fresh.replace(file)
