"""The docs pages 接口文档页面, with every asset served from the package: government networks have no CDN."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.common.http.openapi import KEY_EXAMPLE

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
"""Swagger UI writes style attributes; scripts come from files only."""

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{base}/favicon.png">
<link rel="stylesheet" href="{base}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-document="{document}"></div>
<script src="{base}/swagger-ui-bundle.js"></script>
<script src="{base}/start.js"></script>
</body>
</html>
"""

_START = """"use strict";
SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.document,
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
  filter: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset || []].flat(),
  requestInterceptor: function (request) {
    var posting = request.method && request.method.toUpperCase() === "POST";
    var given = posting && request.headers && request.headers["Idempotency-Key"];
    if (posting && (!given || given === "KEY_EXAMPLE")) {
      request.headers["Idempotency-Key"] = Array.from(crypto.getRandomValues(new Uint8Array(16)),
        function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    }
    return request;
  }
});
"""


def start_script() -> str:
    """What fills the page in. The example of a key is replaced by a fresh one each time."""
    return _START.replace("KEY_EXAMPLE", KEY_EXAMPLE)


def docs_routes(prefix: str, title: str, document: Callable[[], dict[str, Any]]) -> list[Route]:
    """`<prefix>/docs` with its assets, and `<prefix>/openapi.json`, made when first asked for."""

    async def page(request: Request) -> Response:
        base = f"{prefix}/docs/assets"
        html = _PAGE.format(title=escape(title), base=escape(base), document=escape(f"{prefix}/openapi.json"))
        return _served(html.encode(), "text/html")

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name == "start.js":
            return _served(start_script().encode(), "text/javascript")
        if name not in ASSETS:
            raise HTTPException(404)
        return _served(_asset(name), ASSETS[name], "public, max-age=86400")

    made = cache(lambda: orjson.dumps(document()))

    async def schema(request: Request) -> Response:
        return _served(made(), "application/json")

    return [
        Route(f"{prefix}/docs", page),
        Route(f"{prefix}/docs/assets/{{name}}", asset),
        Route(f"{prefix}/openapi.json", schema),
    ]


@cache
def _asset(name: str) -> bytes:
    return files("fastapi_offline").joinpath("static", name).read_bytes()


def _served(content: bytes, media_type: str, caching: str = "no-cache") -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Security-Policy": POLICY, "Cache-Control": caching},
    )
