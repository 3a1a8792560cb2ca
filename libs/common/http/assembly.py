"""A service's app from its settings 服务装配: doorkeeper, issuer's keys, database, media store, routes."""

from __future__ import annotations

from pathlib import Path

import httpx

from libs.common.db import Database
from libs.common.http.app import ServiceApp, create_app
from libs.common.http.auth import doorkeeper
from libs.common.http.keys import KeySet, from_file, from_url
from libs.common.media import MediaStore
from libs.common.service import Service
from libs.common.settings import Settings


class NoIssuer(RuntimeError):
    """Neither `JIAYUAN_JWKS_URL` nor `JIAYUAN_JWKS_FILE` says where the issuer's keys are."""


def issuer_keys(settings: Settings) -> KeySet:
    """The issuer's keys, as the settings say. Raises `NoIssuer`."""
    if settings.jwks_file:
        return KeySet(from_file(Path(settings.jwks_file)))
    if settings.jwks_url:
        return KeySet(from_url(settings.jwks_url, httpx.AsyncClient()))
    raise NoIssuer(NoIssuer.__doc__)


def service_app(
    service: Service, *, settings: Settings, database: Database, store: MediaStore | None = None
) -> ServiceApp:
    """The service's app, ready to be served. Without a `store` it opens that of the settings."""
    known = doorkeeper(settings, database, issuer_keys(settings))
    held = store or MediaStore.open(settings.media_url)
    return create_app(service, settings=settings, database=database, authenticator=known, store=held)
