"""The issuer's public keys (JWKS), from a file or a URL, held and refreshed (公钥集)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import jwt
import orjson

from libs.common.db import refuse_outside_calls
from libs.common.errors import Unavailable

ALGORITHMS = frozenset(
    {"EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
)
"""Asymmetric signatures only; which of them counts is decided by the key, never by the token."""

Source = Callable[[], Awaitable[bytes]]


class KeysAway(Unavailable):
    """The issuer's keys cannot be fetched and none are held (公钥不可用)."""

    code = "issuer-unavailable"
    zh = "身份提供方暂不可用"
    en = "The identity provider is not available now"


def from_file(path: Path) -> Source:
    """Read the key set from a file."""

    async def read() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return read


def from_url(url: str, client: httpx.AsyncClient) -> Source:
    """Fetch the key set over HTTPS; never inside a transaction."""

    async def fetch() -> bytes:
        refuse_outside_calls()
        answer = await client.get(url, timeout=5, follow_redirects=False)
        answer.raise_for_status()
        return answer.content

    return fetch


class KeySet:
    """Keys by `kid`. Asked again after `fresh` seconds; for an unknown `kid` at most every `again` seconds.

    When the source is away, the keys that are held go on counting.
    """

    def __init__(
        self,
        source: Source,
        *,
        fresh: float = 600,
        again: float = 30,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._fresh = fresh
        self._again = again
        self._seconds = seconds
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at: float | None = None

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """The key of that name, or None. Raises `KeysAway` if no key was ever fetched."""
        age = None if self._asked_at is None else self._seconds() - self._asked_at
        if age is None or age > self._fresh or (kid not in self._keys and age > self._again):
            await self._refresh()
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        try:
            self._keys = usable(await self._source())
        except (OSError, httpx.HTTPError, ValueError) as error:
            if not self._keys:
                raise KeysAway from error
        self._asked_at = self._seconds()


def usable(document: bytes) -> dict[str, jwt.PyJWK]:
    """The asymmetric signing keys of a JWKS document, by `kid`. Raises `ValueError` if it is none."""
    made: dict[str, jwt.PyJWK] = {}
    listed = orjson.loads(document)
    if not isinstance(listed, dict) or not isinstance(listed.get("keys"), list):
        raise ValueError("not a key set")
    for entry in listed["keys"]:
        if (
            not isinstance(entry, dict)
            or entry.get("kty") == "oct"
            or entry.get("use", "sig") != "sig"
            or "kid" not in entry
        ):
            continue
        try:
            key = jwt.PyJWK.from_dict(entry)
        except jwt.PyJWTError:
            continue
        if key.algorithm_name in ALGORITHMS:
            made[entry["kid"]] = key
    return made
