"""Who calls 身份认证: a Bearer token of the pinned issuer, or a system's API key.

Tokens are OIDC/JWT access tokens with an asymmetric signature; what the token's header says about keys
(`jku`, `x5u`, `jwk`, `x5c`) is not read. A verified credential is held at most 60 s; the deny list is asked
whenever it is not held.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from libs.common.db import Database
from libs.common.http.api_keys import principal_of_key
from libs.common.http.denials import is_denied
from libs.common.http.faults import TokenExpired, Unauthenticated
from libs.common.http.keys import ALGORITHMS, KeySet
from libs.common.policy import Principal, Role
from libs.common.settings import Settings

HELD_FOR = timedelta(seconds=60)
LIFETIME = timedelta(minutes=15)
LEEWAY = timedelta(seconds=30)
TOKEN_LIMIT = 8192
MOST_HELD = 10_000
TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
REQUIRED = ("exp", "iat", "iss", "aud", "sub")


class Verifier:
    """Checks a token's signature, time, issuer, audience and type; answers its claims."""

    def __init__(self, keys: KeySet, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def claims(self, token: str, now: datetime) -> dict[str, Any]:
        """The claims of a valid token. Raises `TokenExpired` or `Unauthenticated`."""
        key = await self._key_for(token)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name or ""],
                audience=self._audience,
                issuer=self._issuer,
                # Times are checked below, against the clock that the request was given.
                options={
                    "require": list(REQUIRED),
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated from error
        _check_times(claims, now)
        return claims

    async def _key_for(self, token: str) -> jwt.PyJWK:
        if len(token) > TOKEN_LIMIT:
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise Unauthenticated from error
        typ = header.get("typ")
        if not isinstance(typ, str) or typ.lower() not in TYPES or "crit" in header or "b64" in header:
            raise Unauthenticated
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(kid, str) or not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise Unauthenticated
        key = await self._keys.key(kid)
        if key is None or key.algorithm_name != algorithm:
            raise Unauthenticated
        return key


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    try:
        expires, issued = _instant(claims["exp"]), _instant(claims["iat"])
        begins = _instant(claims.get("nbf", claims["iat"]))
    except (TypeError, ValueError, OverflowError):
        raise Unauthenticated from None
    if expires - issued > LIFETIME or max(begins, issued) > now + LEEWAY:
        raise Unauthenticated
    if expires + LEEWAY <= now:
        raise TokenExpired


def _instant(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    try:
        return datetime.fromtimestamp(value, UTC)
    except OSError as error:  # what the system's calendar does not reach
        raise ValueError from error


class ClaimMap:
    """Which claim says what, by settings: `{"roles": "realm_access.roles", ...}`, and provider role names."""

    def __init__(self, names: Mapping[str, str], roles: Mapping[str, str]) -> None:
        self._names = names
        self._roles = roles

    def principal(self, claims: Mapping[str, Any]) -> Principal:
        """The caller that the claims describe. Raises `Unauthenticated` if they cannot be read."""
        try:
            since, until = self._value(claims, "since"), self._value(claims, "until")
            token_id = claims.get("jti")
            return Principal(
                subject=_person(claims["sub"]),
                name=_text(self._value(claims, "name") or claims["sub"]),
                roles=self._known_roles(_texts(self._value(claims, "roles"))),
                areas=tuple(area for area in _texts(self._value(claims, "areas")) if area.isdecimal()),
                unit_id=_uuid(self._value(claims, "unit")),
                body_id=_uuid(self._value(claims, "body")),
                estates=tuple(UUID(text) for text in _texts(self._value(claims, "estates"))),
                scopes=frozenset(_texts(self._value(claims, "scopes"))),
                token_id=None if token_id is None else _text(token_id),
                until=None if until is None else _instant(until),
                since=None if since is None else _instant(since),
            )
        except (TypeError, ValueError, KeyError, OverflowError):
            raise Unauthenticated from None

    def _value(self, claims: Mapping[str, Any], what: str) -> Any:
        value: Any = claims
        for step in self._names.get(what, what).split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def _known_roles(self, names: list[str]) -> frozenset[Role]:
        mapped = (self._roles.get(name, name) for name in names)
        return frozenset(Role(name) for name in mapped if name in set(Role))


def _person(value: Any) -> str:
    """A subject that cannot be taken for a key or for one of our own services."""
    if _text(value).startswith(("key:", "system:")):
        raise ValueError
    return _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
        raise TypeError
    return value


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return value.split()
    if not isinstance(value, list):
        raise TypeError
    return [_text(item) for item in value]


def _uuid(value: Any) -> UUID | None:
    return None if value is None else UUID(_text(value))


class Doorkeeper:
    """The `Authenticator` of a running service: tokens, API keys, deny list, and what it holds for 60 s."""

    def __init__(self, database: Database, verifier: Verifier, claims: ClaimMap) -> None:
        self._database = database
        self._verifier = verifier
        self._claims = claims
        self.most_held = MOST_HELD
        self.held: dict[str, tuple[Principal, datetime]] = {}

    async def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """The caller. Raises `Unauthenticated`, `TokenExpired`, `DatabaseAway` or `KeysAway`."""
        kind, credential = credential_in(headers)
        held = self.held.get(kind + credential)
        if held is not None and held[1] > now:
            return held[0]
        find = self._by_token if kind == "bearer" else self._by_key
        principal, ends = await find(credential, now)
        if len(self.held) >= self.most_held:
            self.held.clear()
        self.held[kind + credential] = (principal, min(ends, now + HELD_FOR))
        return principal

    def forget(self) -> None:
        """Hold nothing any more: after a revocation in this process it counts at once."""
        self.held.clear()

    async def _by_token(self, token: str, now: datetime) -> tuple[Principal, datetime]:
        claims = await self._verifier.claims(token, now)
        principal = self._claims.principal(claims)
        issued = _instant(claims["iat"])
        if await self._database.read(lambda session: is_denied(session, principal, issued)):
            raise Unauthenticated
        return principal, _instant(claims["exp"])

    async def _by_key(self, given: str, now: datetime) -> tuple[Principal, datetime]:
        return await self._database.read(lambda session: principal_of_key(session, given, now))


def credential_in(headers: Mapping[str, str]) -> tuple[str, str]:
    """The kind (`bearer` or `key`) and the credential. Raises `Unauthenticated`; two at once are none."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    kinds = {"bearer": "bearer", "apikey": "key"}
    found = [(kinds[scheme.lower()], value.strip())] if scheme.lower() in kinds and value.strip() else []
    if headers.get("x-api-key"):
        found.append(("key", headers["x-api-key"]))
    if len(found) != 1:
        raise Unauthenticated(absent=True)
    return found[0]


def doorkeeper(settings: Settings, database: Database, keys: KeySet) -> Doorkeeper:
    """The doorkeeper that the settings describe."""
    verifier = Verifier(keys, issuer=settings.issuer, audience=settings.audience)
    names = {"roles": settings.role_claim, **settings.claims}
    return Doorkeeper(database, verifier, ClaimMap(names, settings.role_names))
