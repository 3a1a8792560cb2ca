"""The OpenAPI 3.1 document 接口文档: what FastAPI finds, with errors, security, keys and tags declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from libs.common.http import examples
from libs.common.http.links import link
from libs.common.http.problems import MEDIA_TYPE, TITLES, Problem
from libs.common.http.route import HAS_ETAG, IS_OPEN, NEEDS_MATCH, TAKES_KEY

VERSION = "1.0.0"
METHODS = ("get", "put", "post", "delete", "patch")
_USUAL = (400, 401, 403, 404, 414, 429, 431, 500, 503)
_OF_VISITS = (400, 404, 414, 429, 431, 500, 503)
_OF_CHANGES = (408, 409, 413, 415, 422)

SECURITY_SCHEMES: Mapping[str, Any] = {
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "人员：身份提供方签发的访问令牌。People: an access token of the issuer.",
    },
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "系统：接口密钥。Systems: an API key.",
    },
}

NO_CONTROL = r"^[^\u0000-\u001f\u007f-\u009f]*$"

KEY_EXAMPLE = "0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"
_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "每个操作一个唯一键，重试时保持不变。One key per operation, the same on every retry.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": KEY_EXAMPLE,
}
_MATCH_PARAMETER = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "读取时的 ETag（版本号）。The ETag that you read.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "example": '"3"',
}


def document(app: FastAPI) -> dict[str, Any]:
    """The enriched document of one service's app."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
        servers=app.servers,
    )
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(_problem_schemas())
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = dict(SECURITY_SCHEMES)
    components["responses"] = {f"Problem{status}": _response(status) for status in TITLES}
    for method, operation in operations(made):
        _enrich(method, operation)
        examples.write(operation, schemas)
    link(made)
    return made


def operations(made: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Every (method, operation) of a document."""
    for item in made.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                yield method, item[method]


def _enrich(method: str, operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    changes = method != "get"
    needs_match, has_etag = operation.pop(NEEDS_MATCH, False), operation.pop(HAS_ETAG, False)
    takes_key, is_open = operation.pop(TAKES_KEY, False), operation.pop(IS_OPEN, False)
    for success in responses.values():
        _describe_success(success, has_etag or is_open)
    usual = _OF_VISITS if is_open else _USUAL
    statuses = [*usual, *(_OF_CHANGES if changes else (422,)), *((412, 428) if needs_match else ())]
    for status in sorted(statuses):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    parameters = operation.setdefault("parameters", [])
    if takes_key:
        parameters.append(dict(_KEY_PARAMETER))
    if needs_match:
        parameters.append(dict(_MATCH_PARAMETER))
    for parameter in parameters:
        if parameter["in"] in {"query", "path"}:
            _without_control(parameter["schema"])
    if not parameters:
        del operation["parameters"]
    operation["security"] = [] if is_open else [{"Bearer": []}, {"ApiKey": []}]


def _without_control(schema: dict[str, Any]) -> None:
    """Tell what the edge refuses in every address, where no pattern, format or list of its own does."""
    for each in (schema, *schema.get("anyOf", ())):
        if each.get("type") == "string" and not {"pattern", "format", "enum", "const"} & each.keys():
            each["pattern"] = NO_CONTROL


def _describe_success(response: dict[str, Any], has_etag: bool) -> None:
    if response.get("description") == "Successful Response":
        response["description"] = "成功 Success"
    if has_etag:
        schema = {"schema": {"type": "string"}, "description": "版本号 the version"}
        response["headers"] = {"ETag": schema, **response.get("headers", {})}


def _response(status: int) -> dict[str, Any]:
    chinese, english = TITLES[status]
    made: dict[str, Any] = {
        "description": f"{chinese} {english}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {409, 429, 503}:
        made["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "秒 seconds"}}
    return made


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    nested: dict[str, Any] = schema.pop("$defs", {})
    return {"Problem": schema, **nested}


def merged(title: str, description: str, documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One document of several services' documents, by service name.

    A schema that shares only its name with another service's takes its service's name in front.
    """
    made: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": VERSION, "description": description},
        "paths": {},
        "components": {},
        "tags": [],
    }
    for service, document in documents.items():
        part = _without_clashes(service, document, made["components"].get("schemas", {}))
        made["paths"].update(part["paths"])
        made["tags"] += [tag for tag in part.get("tags", []) if tag not in made["tags"]]
        for kind, named in part.get("components", {}).items():
            made["components"].setdefault(kind, {}).update(named)
    return made


def _without_clashes(service: str, document: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    schemas = document.get("components", {}).get("schemas", {})
    names = {name: name for name in schemas}
    for name, schema in schemas.items():
        if held.get(name, schema) != schema:
            names[name] = f"{service.capitalize()}{name}"
    moved = {f"{_SCHEMAS}{old}": f"{_SCHEMAS}{new}" for old, new in names.items() if old != new}
    if not moved:
        return document
    part: dict[str, Any] = _repointed(document, moved)
    own = part["components"]["schemas"]
    part["components"]["schemas"] = {names[name]: schema for name, schema in own.items()}
    return part


_SCHEMAS = "#/components/schemas/"


def _repointed(node: Any, moved: Mapping[str, str]) -> Any:
    """The node with references to moved schemas following them."""
    if isinstance(node, list):
        return [_repointed(child, moved) for child in node]
    if isinstance(node, str):
        return moved.get(node, node)
    if not isinstance(node, dict):
        return node
    return {name: _repointed(child, moved) for name, child in node.items()}
