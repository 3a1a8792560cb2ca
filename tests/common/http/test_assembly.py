"""A service's app from its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.http.assembly import NoIssuer, issuer_keys
from libs.common.http.dev_tokens import JWKS_FILE, DevIssuer
from libs.common.http.keys import KeysAway
from libs.common.settings import Settings


async def test_keys_come_from_the_file_that_the_settings_name(tmp_path: Path) -> None:
    issuer = DevIssuer.open(tmp_path, issuer="https://id.example", audience="jiayuan")
    keys = issuer_keys(Settings(jwks_file=str(tmp_path / JWKS_FILE)))
    assert await keys.key(issuer.kid) is not None


async def test_keys_come_from_the_url_that_the_settings_name() -> None:
    keys = issuer_keys(Settings(jwks_url="http://127.0.0.1:9/keys"))
    with pytest.raises(KeysAway):
        await keys.key("any")


def test_without_an_issuer_nothing_starts() -> None:
    with pytest.raises(NoIssuer):
        issuer_keys(Settings())
