"""The gateway alone: what it answers by itself, and what it passes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.common.embedded.processes import LOOPBACK
from libs.common.http.problems import MEDIA_TYPE
from libs.common.settings import Settings
from libs.common.tracing import is_traceparent
from services.cli import SERVICES
from tests.compose import composition
from tests.compose.deployment import Deployment

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-00"
WORDS = {
    404: ("route-not-found", "没有这个接口路径", "There is no such path"),
    400: ("malformed", "请求格式错误", "The request is malformed"),
    429: ("too-many-requests", "请求过于频繁，请稍后重试", "Too many requests, try again later"),
    413: ("body-too-large", "请求体过大", "The body is too large"),
    503: (
        "service-unavailable",
        "服务暂不可用，请稍后以相同的键重试",
        "The service is not available now, repeat the request later with the same key",
    ),
}


class Echo(BaseHTTPRequestHandler):
    """Stands in for an api: answers with the path and headers that it was sent, or with its own 503."""

    def do_GET(self) -> None:
        """Answer."""
        away = self.path.endswith("/away")
        body = b"its own words" if away else "\n".join([self.path, *map(str, self.headers.values())]).encode()
        self.send_response(503 if away else 200)
        self.send_header("Seen", self.headers["traceparent"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        """Take the body."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def gateway(place: Path, data: Path) -> Iterator[Deployment]:
    """The gateway, with nobody behind it."""
    made = Deployment(composition.read({"COMPOSE_DATA": str(data)}), place)
    try:
        made.start("gateway")
        yield made
    finally:
        made.end()


@pytest.fixture
def client(gateway: Deployment) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=30) as made:
        yield made


@contextmanager
def behind(gateway: Deployment, part: str) -> Iterator[None]:
    """An echo in the part's place."""
    address = (LOOPBACK, gateway.places.port(gateway.parts[part]))
    with ThreadingHTTPServer(address, Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def problem(response: httpx.Response, status: int, *, english: bool = False) -> Mapping[str, Any]:
    """The problem document that the answer has to be."""
    assert response.headers["content-type"] == MEDIA_TYPE, response.text
    told: dict[str, Any] = response.json()
    code, *words = WORDS[status]
    assert (response.status_code, told["status"], told["code"]) == (status, status, code)
    assert told["detail"] == words[english]
    assert told["type"] == f"urn:jiayuan:problem:{code}"
    assert response.headers["content-language"] == ("en" if english else "zh-CN")
    assert is_traceparent(f"00-{told['trace_id']}-00f067aa0ba902b7-00")
    return told


def test_nobody_behind_it(gateway: Deployment, client: httpx.Client) -> None:
    for service in SERVICES:
        answer = client.get(f"/{service}/v1/anything")
        problem(answer, 503)
        assert answer.headers["retry-after"] == "5"
    english = {"Accept-Language": "en-GB,en;q=0.9", "traceparent": PARENT}
    told = problem(client.post("/grid/v1/cases", headers=english), 503, english=True)
    assert told["trace_id"] == TRACE
    assert gateway.is_healthy("gateway"), "whoever is away, the gateway is there"


@pytest.mark.parametrize("path", ["/", "/nothing", "/metrics", "/grid", "/docsx", "/openapi.json/x"])
def test_other_paths_are_unknown(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)


def test_what_is_too_large_is_refused_at_the_door(gateway: Deployment, client: httpx.Client) -> None:
    with behind(gateway, "grid-api"):
        largest = Settings.model_fields["media_limit"].default
        assert client.put("/grid/v1/media/x", content=bytes(largest)).status_code == 200
        problem(client.put("/grid/v1/media/x", content=bytes(14 << 20)), 413)
        problem(client.get("/grid/v1/cases", headers={"Authorization": "x" * 40_000}), 400)


def test_requests_are_passed_on_with_their_trace_and_nothing_more(
    gateway: Deployment, client: httpx.Client
) -> None:
    with behind(gateway, "tasks-api"):
        answer = client.get("/tasks/v1/tasks?q=%E5%BC%A0%E4%B8%89", headers={"traceparent": PARENT})
        assert answer.text.splitlines()[0] == "/tasks/v1/tasks?q=%E5%BC%A0%E4%B8%89"
        assert answer.headers["seen"] == PARENT
        assert LOOPBACK not in answer.text.replace(gateway.url.removeprefix("http://"), ""), (
            "no caller's address"
        )
        seen = {
            client.get("/tasks/v1/tasks", headers={"traceparent": "junk"}).headers["seen"] for _ in range(2)
        }
        assert len(seen) == 2
        assert all(map(is_traceparent, seen))
        own = client.get("/tasks/v1/away")
        assert (own.status_code, own.text) == (503, "its own words"), "an api's own errors are not replaced"
    log = (gateway.places.root / "gateway.log").read_text("utf-8")
    assert TRACE in log
    assert "%E5%BC%A0" not in log
    assert "张三" not in log


def test_what_is_open_is_bounded_by_address(gateway: Deployment, client: httpx.Client) -> None:
    with behind(gateway, "grid-api"):
        answers = [client.get("/grid/v1/public/progress/M7Q-4H2K-9TXB-3RW") for _ in range(13)]
        assert [answer.status_code for answer in answers[:11]] == [200] * 11
        problem(answers[-1], 429)
        assert answers[-1].headers["retry-after"] == "2"
        assert client.get("/grid/v1/public/cases").status_code == 200, "lists have a share of their own"
        assert client.get("/grid/v1/cases").status_code == 200


def test_a_service_that_comes_back_is_found(gateway: Deployment, client: httpx.Client) -> None:
    problem(client.get("/targets/v1/plans"), 503)
    with behind(gateway, "targets-api"):
        assert client.get("/targets/v1/plans").status_code == 200
    problem(client.get("/targets/v1/plans"), 503)


def test_pages_come_from_a_process_of_their_own(gateway: Deployment, client: httpx.Client) -> None:
    with behind(gateway, "pages"):
        for path in ("/docs", "/docs/assets/swagger-ui.css", "/openapi.json"):
            assert client.get(path).text.splitlines()[0] == path
