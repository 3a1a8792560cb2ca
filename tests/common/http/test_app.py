"""The app: its document, its pages, its probes, its headers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
import structlog
from fastapi import APIRouter

from libs.common.db import Database
from libs.common.events.models import ToolboxBase
from libs.common.http import command_router, permit
from libs.common.http.access import access_router
from libs.common.http.app import Platform, ServiceApp, combine, create_app, pages, probes
from libs.common.http.auth import Doorkeeper
from libs.common.http.health import Health
from libs.common.http.openapi import KEY_EXAMPLE, merged
from libs.common.http.route import UndeclaredPermission
from libs.common.http.visits import open_router
from libs.common.migration import upgrade
from libs.common.policy import Role
from libs.common.service import Service
from libs.common.settings import Settings
from tests.common.http.conftest import Clock
from tests.common.http.documents import dangling, operations, wrong_examples
from tests.common.http.sample import Stage, service
from tests.common.http.test_route import NOTES
from tests.support.databases import Databases

PAGES = ["/docs", "/sample/docs"]


@pytest.fixture
async def platform(
    app: ServiceApp, database: Database, settings: Settings, keeper: Doorkeeper
) -> AsyncIterator[tuple[Platform, httpx.AsyncClient]]:
    """Two services in one process."""
    other = Service("tasks", "任务", "Tasks", ToolboxBase.metadata, routers=(access_router("tasks"),))
    second = create_app(other, settings=settings, database=database, authenticator=keeper)
    made = combine([app, second])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://test") as client:
        yield made, client


async def _nothing() -> Any:
    return {"type": "http.request"}


def empty(databases: Databases) -> str:
    """A template without any table."""
    return databases.template("nothing", lambda url: None)


class TestPermissions:
    def start(self, router: APIRouter, database: Database, settings: Settings, keeper: Doorkeeper) -> None:
        made = Service("x", "x", "x", ToolboxBase.metadata, routers=(router,))
        create_app(made, settings=settings, database=database, authenticator=keeper)

    @pytest.mark.parametrize(
        "options", [{}, permit(), permit("grid.case.reed"), permit("grid.case.read", "x.y.z")]
    )
    async def test_a_route_without_one_fails_the_start(
        self, options: dict[str, Any], database: Database, settings: Settings, keeper: Doorkeeper
    ) -> None:
        router = command_router("/x/v1", tags=["x"])

        @router.get("/things", **options)
        async def things() -> None: ...

        with pytest.raises(UndeclaredPermission):
            self.start(router, database, settings, keeper)

    async def test_a_plain_route_fails_the_start(
        self, database: Database, settings: Settings, keeper: Doorkeeper
    ) -> None:
        outer, inner = command_router("/x/v1", tags=["x"]), APIRouter()

        @inner.get("/things")
        async def things() -> None: ...

        outer.include_router(inner)
        with pytest.raises(UndeclaredPermission, match="things"):
            self.start(outer, database, settings, keeper)

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_what_the_policy_does_not_open_cannot_be_opened(self, method: str) -> None:
        permission = "grid.case.read" if method == "GET" else "grid.public.read"
        router = open_router("/x/v1/public", tags=["x"])

        async def things() -> None: ...

        with pytest.raises(UndeclaredPermission, match="not open"):
            router.add_api_route("/things", things, methods=[method], **permit(permission))


class TestDocument:
    async def test_of_a_service_and_of_all(self, platform: tuple[Platform, httpx.AsyncClient]) -> None:
        _, client = platform
        alone = (await client.get("/sample/openapi.json")).json()
        both = (await client.get("/openapi.json")).json()
        assert alone["openapi"].startswith("3.1")
        assert set(alone["paths"]) < set(both["paths"])
        for document in (alone, both):
            assert dangling(document) == []
            assert wrong_examples(document) == []
            ids = [operation["operationId"] for _, operation in operations(document)]
            assert len(ids) == len(set(ids))

    async def test_every_operation_declares_its_errors(self, app: ServiceApp) -> None:
        document = app.openapi()
        assert app.openapi() is document
        assert set(document["components"]["securitySchemes"]) == {"Bearer", "ApiKey"}
        for name, operation in operations(document):
            statuses = set(operation["responses"])
            assert {"400", "401", "403", "404", "422", "429", "500", "503"} <= statuses, name
            assert operation["security"]
            assert operation["x-permission"]
            headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
            keyed = name.startswith("POST") and not name.endswith("/ask")
            assert ("Idempotency-Key" in headers) == keyed, name
            assert ("If-Match" in headers) == name.endswith("/change")
            assert ("412" in statuses) == ("428" in statuses) == name.endswith("/change")
            assert not any(key.startswith(("x-needs", "x-has", "x-takes", "x-open")) for key in operation)

    async def test_versions_are_declared_as_etags(self, app: ServiceApp) -> None:
        for name, operation in operations(app.openapi()):
            success = next(iter(operation["responses"].values()))
            assert ("ETag" in success.get("headers", {})) == (name != f"GET {NOTES}")
            assert success["description"] == "成功 Success"

    def test_schemas_of_one_name_that_differ_are_told_apart(self) -> None:
        one = {"paths": {}, "components": {"schemas": {"A": {"type": "string"}}}, "tags": [{"name": "t"}]}
        pointing = {"items": {"$ref": "#/components/schemas/A"}, "enum": [1]}
        other = {"paths": {}, "components": {"schemas": {"A": {"type": "integer"}, "B": pointing}}}
        assert merged("t", "d", {"grid": one, "tasks": one})["tags"] == [{"name": "t"}]
        both = merged("t", "d", {"grid": one, "tasks": other})
        assert both["components"]["schemas"] == {
            "A": {"type": "string"},
            "B": {"items": {"$ref": "#/components/schemas/TasksA"}, "enum": [1]},
            "TasksA": {"type": "integer"},
        }
        assert dangling(both) == []


class TestPages:
    @pytest.mark.parametrize("page", PAGES)
    async def test_nothing_comes_from_elsewhere(
        self, platform: tuple[Platform, httpx.AsyncClient], page: str
    ) -> None:
        _, client = platform
        answer = await client.get(page)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert not re.search(r"https?://|//[a-z]", answer.text)
        assert "<script>" not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert re.search(r"<title>.*[\u4e00-\u9fff]", answer.text)
        for address in re.findall(r'(?:src|href|data-document)="([^"]+)"', answer.text):
            found = await client.get(address)
            assert found.status_code == 200, address
            assert found.headers["x-content-type-options"] == "nosniff"

    async def test_the_start_script_sends_keys(self, platform: tuple[Platform, httpx.AsyncClient]) -> None:
        _, client = platform
        script = await client.get("/docs/assets/start.js")
        assert f'given === "{KEY_EXAMPLE}"' in script.text
        assert script.headers["content-type"].startswith("text/javascript")


class TestProbes:
    async def test_alive_asks_the_watchdogs(self, platform: tuple[Platform, httpx.AsyncClient]) -> None:
        made, client = platform
        assert (await client.get("/healthz")).json() == {
            "status": "ok",
            "services": {"sample": {}, "tasks": {}},
        }
        made.apps["sample"].health.watchdogs["fine"] = lambda: None
        made.apps["sample"].health.watchdogs["sequencer"] = lambda: "no progress for 90 s"
        answer = await client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json()["services"]["sample"] == {"sequencer": "no progress for 90 s"}

    async def test_ready_wants_migrations_at_head(self, databases: Databases) -> None:
        name, url = await asyncio.to_thread(databases.clone, await asyncio.to_thread(empty, databases))
        health = Health("tasks", Database(url))
        assert await health.ready() == {"migrations": "not at head"}
        await upgrade(health.database.engine, "tasks")
        assert await health.ready() == {}
        assert await health.ready() == {}
        health.drain()
        assert await health.ready() == {"draining": "the process is stopping"}
        await health.database.close()
        await asyncio.to_thread(databases.drop, name)

    async def test_ready_wants_the_database(self) -> None:
        health = Health("tasks", Database("postgresql+asyncpg://nobody:x@127.0.0.1:1/none"))
        assert set(await health.ready()) == {"database"}
        await health.database.close()

    async def test_metrics_and_probes_are_open(
        self, anonymous: httpx.AsyncClient, client: httpx.AsyncClient
    ) -> None:
        await client.get(f"{NOTES}?secret=13812345678")
        answer = await anonymous.get("/metrics")
        assert (
            'jiayuan_http_request_seconds_bucket{le="0.005",method="GET",route="/sample/v1/notes"'
            in answer.text
        )
        assert "13812345678" not in answer.text
        assert (await anonymous.get("/readyz")).status_code == 503


class TestApart:
    """Processes that serve no service: the pages behind a gateway, a worker's probes."""

    async def test_pages_need_no_database(self, platform: tuple[Platform, httpx.AsyncClient]) -> None:
        _, client = platform
        other = Service("tasks", "任务", "Tasks", ToolboxBase.metadata, routers=(access_router("tasks"),))
        alone = pages([service(Stage()), other])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(alone), base_url="http://test") as front:
            assert (await front.get("/openapi.json")).json() == (await client.get("/openapi.json")).json()
            assert "swagger-ui" in (await front.get("/docs")).text
            assert (await front.get("/readyz")).status_code == 200
            absent = await front.get("/sample/v1/notes")
        assert (absent.status_code, absent.json()["code"]) == (404, "route-not-found")

    async def test_a_worker_answers_its_probes(self, database: Database) -> None:
        stuck: dict[str, str | None] = {"consumer": None}
        health = Health("sample", database, {"consumer": lambda: stuck["consumer"]})
        transport = httpx.ASGITransport(probes(health))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            assert (await client.get("/healthz")).json() == {"status": "ok", "services": {"sample": {}}}
            stuck["consumer"] = "no turn for 61 s"
            told = await client.get("/healthz")
            assert told.status_code == 503
            assert told.json()["services"] == {"sample": {"consumer": "no turn for 61 s"}}
            assert (await client.get("/metrics")).status_code == 200
            assert (await client.get("/docs")).status_code == 404


class TestDoorway:
    async def test_every_answer_carries_the_headers(self, client: httpx.AsyncClient) -> None:
        for path in (NOTES, "/nowhere", "/sample/v1/broken", "/healthz"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["cache-control"] in {"no-store", "private, no-cache"}

    async def test_the_trace_goes_on(self, client: httpx.AsyncClient) -> None:
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        given = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        assert (await client.get(NOTES, headers=given)).headers["traceparent"].split("-")[1] == trace
        for odd in ("00-0-0-0", "x" * 500, f"00-{'0' * 32}-00f067aa0ba902b7-01"):
            fresh = (await client.get(NOTES, headers={"traceparent": odd})).headers["traceparent"]
            assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", fresh)

    async def test_the_access_log_tells_no_values(self, client: httpx.AsyncClient) -> None:
        with structlog.testing.capture_logs() as lines:
            await client.get(f"{NOTES}/{'a' * 8}?reporter=13812345678")
            await client.get("/healthz")
            await client.request("BREW", NOTES)
        told = [line for line in lines if line["event"] == "request"]
        assert [(line["route"], line["status"]) for line in told] == [
            ("/sample/v1/notes/{note_id}", 422),
            ("/sample/v1/notes", 405),
        ]
        assert "13812345678" not in json.dumps(lines)

    async def test_a_head_has_bounds(self, client: httpx.AsyncClient) -> None:
        long = await client.get(f"{NOTES}?x={'a' * 9000}")
        assert (long.status_code, long.json()["code"]) == (414, "address-too-long")
        large = await client.get(NOTES, headers={"X-Large": "a" * 33_000})
        assert (large.status_code, large.json()["code"]) == (431, "headers-too-large")

    async def test_a_caller_has_a_share(
        self,
        database: Database,
        settings: Settings,
        keeper: Doorkeeper,
        clock: Clock,
        bearer: Callable[[Role], dict[str, str]],
    ) -> None:
        made = create_app(
            service(Stage()),
            settings=settings.model_copy(update={"requests_per_second": 0.001}),
            database=database,
            authenticator=keeper,
            clock=clock,
        )
        transport = httpx.ASGITransport(made)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            first, second, other = [
                await client.get(NOTES, headers=bearer(role))
                for role in (Role.LEADER, Role.LEADER, Role.ACCEPTOR)
            ]
        assert [first.status_code, second.status_code, other.status_code] == [200, 429, 200]
        assert int(second.headers["retry-after"]) > 900

    async def test_an_answer_that_breaks_off_is_not_answered_twice(
        self, database: Database, settings: Settings, keeper: Doorkeeper
    ) -> None:
        made = create_app(
            replace(service(Stage()), routers=()), settings=settings, database=database, authenticator=keeper
        )

        async def broken(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise RuntimeError

        made.router.default = broken
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []}
        await made(scope, _nothing, send)
        assert [message["type"] for message in sent] == ["http.response.start"]

    async def test_other_scopes_pass(self, app: ServiceApp) -> None:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "lifespan.startup" if not sent else "lifespan.shutdown"}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await combine([app])({"type": "lifespan", "asgi": {}}, receive, send)
        assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
