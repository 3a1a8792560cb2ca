"""Hostile bodies and addresses get a clear problem document and lose nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import Request
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.http.faults import (
    BodyBrokenOff,
    BodyTooLarge,
    BodyTooSlow,
    MalformedJson,
    UnsupportedContent,
)
from libs.common.http.parsing import JSON_DEPTH, ControlCharacters, bounded, fingerprint, parse, require_json
from tests.common.http.test_route import NOTES, key

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "raw, status, code",
    [
        (b"", 400, "malformed-json"),
        (b"{", 400, "malformed-json"),
        (b'{"words": "x"} trailing', 400, "malformed-json"),
        (b"\xff\xfe{}", 400, "malformed-json"),
        (b'{"words": "\xff"}', 400, "malformed-json"),
        (b'{"words": NaN}', 400, "malformed-json"),
        (b'{"words": "x", "weight": Infinity}', 400, "malformed-json"),
        (b'{"words": "\\ud800"}', 400, "malformed-json"),
        (b'{"words": "x", "words": "y"}', 400, "malformed-json"),
        (b'{"words": "a\x01b"}', 400, "malformed-json"),
        (b"[" * 3000, 400, "malformed-json"),
        (b"[" * (JSON_DEPTH + 1) + b"]" * (JSON_DEPTH + 1), 400, "malformed-json"),
        (b'{"words": ' + b"9" * 4400 + b"}", 413, "body-too-large"),
        (b'{"words": "a\\u0000b"}', 422, "control-characters"),
        (b'{"words": "a\\u0085b"}', 422, "control-characters"),
        (b'{"words": "a\x7fb"}', 422, "control-characters"),
        ('{"words": "a\x9fb"}'.encode(), 422, "control-characters"),
        (b'{"wo\\u0000rds": "x"}', 422, "control-characters"),
        (b'{"words": [{"a/b~c": ["ok", "\\u0001"]}]}', 422, "control-characters"),
        (b'{"words": "x", "more": 1}', 422, "content-invalid"),
        (b'{"words": 7}', 422, "content-invalid"),
        (b'{"words": ""}', 422, "content-invalid"),
        (b'{"words": "x", "weight": 1e999}', 400, "malformed-json"),
        (b'{"words": "x", "weight": "heavy"}', 422, "content-invalid"),
        (b"null", 422, "content-invalid"),
        (b"[]", 422, "content-invalid"),
        (b'"words"', 422, "content-invalid"),
    ],
)
async def test_bodies(client: httpx.AsyncClient, raw: bytes, status: int, code: str) -> None:
    answer = await client.post(NOTES, content=raw, headers={**key(), **JSON})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("raw, status", [(b'{"words": "a\\u0012b"}', 422), (b'{"words": NaN}', 400)])
async def test_a_route_without_a_transaction_refuses_alike(
    client: httpx.AsyncClient, raw: bytes, status: int
) -> None:
    alone = await client.put("/sample/v1/echo", content=raw, headers=JSON)
    usual = await client.post(NOTES, content=raw, headers={**key(), **JSON})
    assert alone.status_code == status
    assert (alone.status_code, alone.json()["code"]) == (usual.status_code, usual.json()["code"])


async def test_the_pointer_names_the_place(client: httpx.AsyncClient) -> None:
    raw = b'{"words": [{"a/b~c": ["ok", "\\u0001"]}]}'
    answer = await client.post(NOTES, content=raw, headers={**key(), **JSON})
    assert answer.json()["errors"][0]["pointer"] == "/words/0/a~1b~0c/1"


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "json"]
)
async def test_other_content_types(client: httpx.AsyncClient, kind: str | None) -> None:
    headers = key() | ({} if kind is None else {"Content-Type": kind})
    answer = await client.post(NOTES, content=b'{"words": "x"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-content")


@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "application/merge-patch+json"])
def test_json_by_any_name(kind: str) -> None:
    require_json(kind)
    with pytest.raises(UnsupportedContent):
        require_json("text/json")


@pytest.mark.parametrize("declared", [True, False])
async def test_oversized_bodies(client: httpx.AsyncClient, declared: bool) -> None:
    raw = b'{"words": "' + b"x" * 5000 + b'"}'

    async def parts() -> AsyncIterator[bytes]:
        yield raw[:3000]
        yield raw[3000:]

    answer = await client.post(NOTES, content=raw if declared else parts(), headers={**key(), **JSON})
    assert (answer.status_code, answer.json()["data"]) == (413, {"limit": 4096})


def arriving(*messages: dict[str, Any]) -> Request:
    """A request whose body comes in these messages, and then not at all."""
    coming = list(messages)

    async def receive() -> dict[str, Any]:
        if not coming:
            await asyncio.Event().wait()
        return coming.pop(0)

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_a_body_that_stalls_or_breaks_off() -> None:
    first = {"type": "http.request", "body": b"{", "more_body": True}
    with pytest.raises(BodyTooSlow):
        [part async for part in bounded(arriving(first), 10, seconds=0.05)]
    with pytest.raises(BodyBrokenOff):
        [part async for part in bounded(arriving(first, {"type": "http.disconnect"}), 10)]
    with pytest.raises(BodyTooLarge):
        [part async for part in bounded(arriving(first, first), 1)]


@pytest.mark.parametrize(
    "path",
    [
        f"{NOTES}/a%00b",
        f"{NOTES}/a%C2%81b",
        f"{NOTES}?least=%00",
        f"{NOTES}?least=1&x=%1f",
        f"{NOTES}?after=%7F",
        f"{NOTES}?after=%c2%9F",
    ],
)
async def test_control_characters_in_the_address(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "query, name",
    [
        ("least=x", "least"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=1e3", "limit"),
        ("total=7", "total"),
    ],
)
async def test_wrong_parameters(client: httpx.AsyncClient, query: str, name: str) -> None:
    answer = await client.get(f"{NOTES}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == name


async def test_unknown_parameters_pass_and_wrong_ids_do_not(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{NOTES}?unknown=1")).status_code == 200
    answer = await client.get(f"{NOTES}/not-an-id")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "note_id")


async def test_a_number_that_no_column_holds(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{NOTES}?least={10**30}")
    assert (answer.status_code, answer.json()["code"]) == (422, "value-out-of-range")


def test_a_fingerprint_is_of_the_meaning() -> None:
    assert fingerprint(b'{"a": 1, "b": [2]}') == fingerprint(b'{"b":[2],"a":1}')
    assert fingerprint(b'{"a": 1}') != fingerprint(b'{"a": 2}')
    assert fingerprint(b"no json") != fingerprint(b"other")
    assert fingerprint(b'{"a": 123456789012345678901234567890}') != fingerprint(b"{}")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_whatever_comes_is_parsed_or_refused(raw: bytes) -> None:
    with suppress(MalformedJson, ControlCharacters):
        parse(raw)
