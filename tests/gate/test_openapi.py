"""The published interface: references lead somewhere, examples fit, operations are explained."""

from __future__ import annotations

import re
from typing import Any

import pytest

from libs.common.db import Database
from libs.common.http.app import ServiceApp, combine, create_app
from libs.common.http.auth import ClaimMap, Doorkeeper, Verifier
from libs.common.http.keys import KeySet
from libs.common.settings import Settings
from services.cli import SERVICES
from tests.common.http.documents import dangling, operations, wrong_examples

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2}")


async def _nothing() -> bytes:
    return b""


@pytest.fixture(scope="module")
def apps() -> list[ServiceApp]:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    keeper = Doorkeeper(database, Verifier(KeySet(_nothing), issuer="i", audience="a"), ClaimMap({}, {}))
    return [
        create_app(service, settings=Settings(), database=database, authenticator=keeper)
        for service in SERVICES.values()
    ]


@pytest.fixture(scope="module")
def documents(apps: list[ServiceApp]) -> dict[str, dict[str, Any]]:
    return {app.health.service: app.openapi() for app in apps} | {"all": combine(apps).openapi()}


@pytest.mark.parametrize("name", [*SERVICES, "all"])
def test_references_and_examples(documents: dict[str, dict[str, Any]], name: str) -> None:
    assert dangling(documents[name]) == []
    assert wrong_examples(documents[name]) == []


def test_every_operation_is_explained_in_both_languages(documents: dict[str, dict[str, Any]]) -> None:
    for name, operation in operations(documents["all"]):
        title = operation.get("summary", "")
        assert CHINESE.search(title), name
        assert LATIN.search(title), name
        assert operation["x-permission"], name
        assert operation["tags"], name


def test_operation_ids_are_unique(documents: dict[str, dict[str, Any]]) -> None:
    ids = [operation["operationId"] for _, operation in operations(documents["all"])]
    assert len(ids) == len(set(ids))


def test_every_path_belongs_to_its_service(documents: dict[str, dict[str, Any]]) -> None:
    for service in SERVICES:
        assert all(path.startswith(f"/{service}/v1/") for path in documents[service]["paths"])
