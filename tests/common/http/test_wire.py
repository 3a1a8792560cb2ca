"""What a connection may send before there is a request, against the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson
import pytest

from libs.common.http.limits import ADDRESS_LIMIT, HEADERS_LIMIT, PARAMETERS_LIMIT
from libs.common.http.middleware import Doorway
from libs.common.http.wire import HEAD_LIMIT, BoundedProtocol
from libs.common.serving import Serving, server

PART = 4096
MUCH = 1 << 20


async def tell_headers(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, then answers with the request's headers as they stand."""
    while (await receive()).get("more_body"):
        pass
    told = orjson.dumps([[name.decode(), len(value)] for name, value in scope["headers"]])
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-length", b"%d" % len(told))],
    }
    await send(start)
    await send({"type": "http.response.body", "body": told})


@asynccontextmanager
async def served(protocol: type[asyncio.Protocol] = BoundedProtocol) -> AsyncIterator[int]:
    """The real server over the doorway; its port."""
    made: Serving = server(Doorway(tell_headers, service="wire"), host="127.0.0.1", port=0)
    made.config.http = protocol
    made.config.load()
    made.lifespan = made.config.lifespan_class(made.config)
    await made.startup()
    try:
        yield made.servers[0].sockets[0].getsockname()[1]
    finally:
        await made.shutdown()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with served() as found:
        yield found


async def say(port: int, *parts: bytes) -> tuple[int, bytes, bytes]:
    """Send the parts one after the other until the server answers; status, head and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        writer.write_eof()
        head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
        return int(head.split()[1]), head, body
    finally:
        writer.close()


def lines(*headers: bytes, target: bytes = b"/x") -> bytes:
    return b"\r\n".join([b"GET %b HTTP/1.1" % target, b"host: test", *headers, b"", b""])


async def test_a_head_within_its_bounds_is_taken(port: int) -> None:
    status, _, body = await say(port, lines(b"x-large: " + b"a" * (HEADERS_LIMIT - 100)))
    assert status == 200
    assert ["x-large", HEADERS_LIMIT - 100] in orjson.loads(body)


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (lines(b"x-large: " + b"a" * HEADERS_LIMIT), 431, "headers-too-large"),
        (lines(*(b"x-%d: 1" % number for number in range(5000))), 431, "headers-too-large"),
        (lines(target=b"/x?q=" + b"a" * ADDRESS_LIMIT), 414, "address-too-long"),
        (lines(target=b"/" + b"a" * ADDRESS_LIMIT), 414, "address-too-long"),
        (lines(target=b"/x?" + b"&".join([b"a=1"] * (PARAMETERS_LIMIT + 1))), 400, "malformed"),
    ],
    ids=["one header", "many headers", "query", "path", "parameters"],
)
async def test_a_head_that_is_too_large_is_a_problem(
    port: int, request_: bytes, status: int, code: str
) -> None:
    found, head, body = await say(port, request_)
    assert (found, orjson.loads(body)["code"]) == (status, code)
    assert b"application/problem+json" in head


async def test_a_head_without_an_end_is_cut_off(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.ensure_future(reader.read())
    writer.write(b"GET /x HTTP/1.1\r\nhost: test\r\nx-endless: ")
    sent = 0
    with suppress(ConnectionError):
        while not answer.done() and sent < MUCH:
            writer.write(b"a" * PART)
            await writer.drain()
            sent += PART
            await asyncio.wait([answer], timeout=0.001)
    told = await asyncio.wait_for(answer, 10)
    writer.close()
    assert told.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"headers-too-large"' in told
    assert HEAD_LIMIT - PART < sent < MUCH


async def test_a_head_that_does_not_come_is_given_up() -> None:
    class Impatient(BoundedProtocol):
        head_seconds = 0.1

    async with served(Impatient) as port:
        for part in (b"", b"GET /x HTTP/1.1\r\nhost: te"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(part)
            assert await asyncio.wait_for(reader.read(), 10) == b""
            writer.close()
        status, _, _ = await say(port, lines(), lines())
        assert status == 200


async def test_what_follows_a_chunked_body_is_no_header(port: int) -> None:
    head = b"POST /x HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n"
    status, _, body = await say(port, head + b"1\r\na\r\n0\r\nx-api-key: smuggled\r\n\r\n")
    assert status == 200
    assert [name for name, _ in orjson.loads(body)] == ["host", "transfer-encoding"]


async def test_what_is_no_http_is_refused(port: int) -> None:
    status, _, _ = await say(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    assert status == 400


async def test_lengths_that_contradict_each_other_are_refused(port: int) -> None:
    both = b"POST /x HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n"
    two = b"POST /x HTTP/1.1\r\nhost: test\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"
    for request in (both + b"0\r\n\r\n", two):
        assert (await say(port, request))[0] == 400
