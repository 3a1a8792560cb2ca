"""A bucket server on loopback: as much of the S3 protocol as an object store's put, get and delete need."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import md5
from typing import Any

import uvicorn


class Bucket:
    """Objects by path. Requests must be signed; `broken` makes every answer 403."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.broken = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        signed = b"authorization" in dict(scope["headers"])
        status, content = self._answer(scope["method"], scope["path"], body) if signed else (401, b"")
        headers = [(b"etag", f'"{md5(content).hexdigest()}"'.encode()), (b"last-modified", LONG_AGO)]
        headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self.broken:
            return 403, b"<Error><Code>AccessDenied</Code></Error>"
        if method == "PUT":
            self.objects[path] = body
            return 200, b""
        if method == "POST":  # "?delete": many at once
            keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
            for key in keys:
                self.objects.pop(f"{path.rstrip('/')}/{key}", None)
            told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return 200, f"<DeleteResult>{told}</DeleteResult>".encode()
        found = self.objects.get(path)
        return (404, b"<Error><Code>NoSuchKey</Code></Error>") if found is None else (200, found)


LONG_AGO = b"Mon, 02 Mar 2026 08:00:00 GMT"


@asynccontextmanager
async def serving(bucket: Bucket) -> AsyncIterator[str]:
    """The address of the bucket's server."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(bucket, lifespan="off", log_config=None))
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
