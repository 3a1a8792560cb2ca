"""The app of one service, and one app of several (应用工厂)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.http import openapi, problems
from libs.common.http.docs import docs_routes
from libs.common.http.edge import Authenticator, Edge
from libs.common.http.health import Health
from libs.common.http.limits import Limiter
from libs.common.http.middleware import Doorway
from libs.common.http.route import GuardedRoute, UndeclaredPermission, declared_permissions
from libs.common.http.visits import OpenRoute
from libs.common.media.store import MediaStore
from libs.common.service import Service
from libs.common.settings import Settings
from libs.common.telemetry import metrics_text

TITLE = "家园 Jiayuan：住宅小区综合治理平台接口"
DESCRIPTION = (
    "住宅小区综合治理。Integrated governance of residential communities.\n\n"
    "错误一律为 `application/problem+json`；`POST` 须带 `Idempotency-Key`；修改须带 `If-Match`。\n"
    "Every error is `application/problem+json`; `POST` needs `Idempotency-Key`; changes need `If-Match`."
)


class ServiceApp(FastAPI):
    """A FastAPI app whose document declares what our routes do."""

    @property
    def health(self) -> Health:
        """What the probes tell; workers of the same process add their watchdogs."""
        health = self.state.health
        assert isinstance(health, Health)
        return health

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi.document(self)
        return self.openapi_schema


def create_app(
    service: Service,
    *,
    settings: Settings,
    database: Database,
    authenticator: Authenticator,
    clock: Callable[[], datetime] = utc_now,
    store: MediaStore | None = None,
) -> ServiceApp:
    """The service's HTTP app; `store` is where photos lie.

    Raises `UndeclaredPermission` if a route names no permission that exists.
    """
    app = outline(service)
    limiter = Limiter(settings.requests_per_second)
    app.state.edge = Edge(service.name, database, authenticator, settings, clock, store, limiter)
    app.state.health = Health(service.name, database)
    problems.install(app)
    app.router.routes.extend(docs_routes(f"/{service.name}", app.title, app.openapi))
    app.router.routes.extend(_probes([app.health]))
    app.add_middleware(Doorway, service=service.name)
    return app


def outline(service: Service) -> ServiceApp:
    """The service's routes and their document, with nothing behind them. Raises `UndeclaredPermission`."""
    app = ServiceApp(
        title=f"{service.title_zh} {service.title_en}",
        description=DESCRIPTION,
        version=openapi.VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in service.routers:
        app.include_router(router)
    check_permissions(app)
    return app


def check_permissions(app: FastAPI) -> None:
    """Raise `UndeclaredPermission` unless every route is guarded, or open, and names known permissions."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, GuardedRoute | OpenRoute):
            declared_permissions(route)
        elif isinstance(route, APIRoute):
            raise UndeclaredPermission(f"{route.path} is no guarded route: use command_router or open_router")


class Platform:
    """Several services in one process, at the same paths: `/grid/...` goes to grid, the rest to the front.

    An ASGI app; `apps` by service name.
    """

    def __init__(self, apps: Sequence[ServiceApp]) -> None:
        self.apps = {app.health.service: app for app in apps}
        self.front: ASGIApp = self._front(apps)

    def openapi(self) -> dict[str, Any]:
        """One document of all services."""
        return _merged(self.apps)

    def _front(self, apps: Sequence[ServiceApp]) -> ASGIApp:
        return _bare([*docs_routes("", TITLE, self.openapi), *_probes([app.health for app in apps])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, by the first segment of its path."""
        name = scope.get("path", "/").split("/", 2)[1] if scope["type"] == "http" else ""
        await self.apps.get(name, self.front)(scope, receive, send)


def combine(apps: Sequence[ServiceApp]) -> Platform:
    """One app of several services' apps, with one document and one set of probes."""
    return Platform(apps)


def pages(services: Sequence[Service]) -> ASGIApp:
    """The pages and the document of all services, for a process of its own behind a gateway: no database."""
    made = _merged({service.name: outline(service) for service in services})
    return _bare([*docs_routes("", TITLE, lambda: made), *_probes([])])


def probes(health: Health) -> ASGIApp:
    """The probes alone, for a process that serves nothing else: a worker."""
    return _bare(_probes([health]))


def _merged(apps: Mapping[str, ServiceApp]) -> dict[str, Any]:
    return openapi.merged(TITLE, DESCRIPTION, {name: app.openapi() for name, app in apps.items()})


def _bare(routes: Sequence[BaseRoute]) -> ASGIApp:
    """An app of these routes only, with the errors of all others."""
    app = FastAPI(title=TITLE, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    problems.install(app)
    app.router.routes.extend(routes)
    app.add_middleware(Doorway, service="platform")
    return app


def _probes(checks: Sequence[Health]) -> list[Route]:
    async def alive(request: Request) -> Response:
        return _told({health.service: health.alive() for health in checks})

    async def ready(request: Request) -> Response:
        return _told({health.service: await health.ready() for health in checks})

    async def metrics(request: Request) -> Response:
        return Response(metrics_text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


def _told(found: dict[str, dict[str, str]]) -> Response:
    wrong = {service: faults for service, faults in found.items() if faults}
    told = {"status": "failing" if wrong else "ok", "services": found}
    return JSONResponse(told, status_code=503 if wrong else 200)
