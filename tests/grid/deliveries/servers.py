"""Gateways that really listen: one for HTTP and one for SMTP, on the loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What came by HTTP, and what is answered: the first of `answers`, as long as there is one, else 204."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def web_gateway() -> Iterator[Web]:
    """A gateway that takes messages by HTTP."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            web.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(web.answers.pop(0) if web.answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_port}/messages"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Post:
    """What came by SMTP. `refuses`: the answer to a recipient."""

    port: int = 0
    came: list[str] = field(default_factory=list)
    refuses: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, command by command (RFC 5321)."""
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode():
            word = line[:4].upper()
            if word == "DATA":
                writer.write(b"354 go on\r\n")
                self.came.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            answer = self.refuses if word == "RCPT" and self.refuses else "250 ok"
            writer.write(f"{'221 bye' if word == 'QUIT' else answer}\r\n".encode())
            if word == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def mail_gateway() -> AsyncIterator[Post]:
    """A mail server."""
    post = Post()
    server = await asyncio.start_server(post.serve, "127.0.0.1", 0)
    post.port = server.sockets[0].getsockname()[1]
    async with server:
        yield post
