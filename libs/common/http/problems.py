"""Every error as `application/problem+json` (RFC 9457), in Chinese or English (错误响应).

One table maps categories to statuses; `type` is `urn:jiayuan:problem:<code>` and stable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from libs.common.db import sqlstate
from libs.common.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable
from libs.common.http import faults
from libs.common.http.languages import CHINESE, TAGS, message, preferred
from libs.common.http.parsing import escape
from libs.common.telemetry import described
from libs.common.tracing import trace_id
from libs.common.versions import Stale

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:jiayuan:problem:"
MOST_ERRORS = 50

_log = structlog.get_logger("http")

STATUS: Mapping[type[DomainError], int] = {
    faults.Malformed: 400,
    faults.KeyMissing: 400,
    faults.Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    faults.RouteNotFound: 404,
    faults.MethodNotAllowed: 405,
    Conflict: 409,
    Stale: 412,
    faults.BodyTooSlow: 408,
    faults.BodyTooLarge: 413,
    faults.AddressTooLong: 414,
    faults.UnsupportedContent: 415,
    Invalid: 422,
    faults.VersionMissing: 428,
    faults.TooManyRequests: 429,
    faults.HeadersTooLarge: 431,
    faults.InternalFault: 500,
    Unavailable: 503,
}
"""Category -> status; the nearest class in an error's ancestry counts."""

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("请求格式错误", "Malformed request"),
    401: ("未认证", "Not authenticated"),
    403: ("无权操作", "Not permitted"),
    404: ("未找到", "Not found"),
    405: ("请求方法不允许", "Method not allowed"),
    408: ("请求超时", "Request timeout"),
    409: ("状态冲突", "Conflict"),
    412: ("版本已过期", "Stale version"),
    413: ("请求体过大", "Body too large"),
    414: ("请求地址过长", "Address too long"),
    415: ("内容类型不支持", "Unsupported content type"),
    422: ("内容无效", "Invalid content"),
    428: ("缺少前置条件", "Precondition required"),
    429: ("请求过多", "Too many requests"),
    431: ("请求头过大", "Headers too large"),
    500: ("内部错误", "Internal error"),
    503: ("暂不可用", "Not available now"),
}

RETRY_AFTER = {429: 5, 503: 2}
"""Seconds that a client should wait where the error itself says nothing."""


_ERROR_EXAMPLE: dict[str, Any] = {"pointer": "/category", "code": "missing", "detail": "缺少必填项"}
_PROBLEM_EXAMPLE: dict[str, Any] = {
    "type": f"{TYPE_PREFIX}content-invalid",
    "title": "内容无效",
    "status": 422,
    "detail": "提交的内容有 1 处不符合要求",
    "code": "content-invalid",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "errors": [_ERROR_EXAMPLE],
}


class ProblemError(BaseModel):
    """One fault in the input: where, and what is wrong. 输入中的一处错误"""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERROR_EXAMPLE]})

    pointer: str | None = Field(default=None, description="JSON Pointer into the body (RFC 6901)")
    parameter: str | None = Field(default=None, description="Name of the query, path or header parameter")
    sheet: str | None = Field(default=None, description="Of a workbook: the sheet 工作表")
    row: int | None = Field(default=None, description="Its row, the titles being row 1 行")
    column: str | None = Field(default=None, description="The column's title 列")
    cell: str | None = Field(default=None, description="The cell's address, such as C7 单元格")
    code: str
    detail: str


class Problem(BaseModel):
    """An error of any kind (RFC 9457). 错误详情：程序读 `code`，人读 `detail`"""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROBLEM_EXAMPLE]})

    type: str = Field(description="urn:jiayuan:problem:<code>, stable")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable, for programs")
    trace_id: str | None = Field(default=None, description="Quote it when you ask for help")
    errors: list[ProblemError] | None = None
    data: dict[str, Any] | None = Field(default=None, description="What the sentence speaks of, for programs")


def status_of(error: DomainError) -> int:
    """The HTTP status of an error, by the nearest category in its ancestry; 500 if it has none."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(
    error: DomainError, language: str, *, errors: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """The document for an error, in `zh` or `en`."""
    status = status_of(error)
    detail = error.text(language)
    errors = error.faults(language) if errors is None else errors
    document = {
        "type": TYPE_PREFIX + error.code,
        "title": TITLES[status][language != CHINESE],
        "status": status,
        "detail": detail,
        "code": error.code,
        "trace_id": trace_id(),
        "errors": errors,
        "data": {name: value for name, value in error.data.items() if name not in _FOR_PEOPLE} or None,
    }
    return {name: value for name, value in document.items() if value is not None}


_FOR_PEOPLE = {"reason_zh", "reason", "retry_after"}


def respond(
    error: DomainError,
    accept_language: str | None,
    *,
    errors: Sequence[Mapping[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response for an error, with the headers that its status asks for."""
    language = preferred(accept_language)
    document = problem(error, language, errors=errors)
    made = Response(
        orjson.dumps(document, default=str), status_code=document["status"], media_type=MEDIA_TYPE
    )
    made.headers.update(
        {"Content-Language": TAGS[language], "Vary": "Accept-Language", "Cache-Control": "no-store"}
    )
    made.headers.update(_own_headers(error, document["status"]))
    made.headers.update(headers or {})
    return made


def _own_headers(error: DomainError, status: int) -> dict[str, str]:
    made: dict[str, str] = {}
    wait = error.data.get("retry_after") or RETRY_AFTER.get(status)
    if wait:
        made["Retry-After"] = str(wait)
    if status == 401:
        fault = "" if error.data.get("absent") else ', error="invalid_token"'
        made["WWW-Authenticate"] = f'Bearer realm="jiayuan"{fault}, ApiKey realm="jiayuan"'
    return made


class ContentInvalid(Invalid):
    """The body or a parameter does not have the declared shape (内容不符合要求)."""

    code = "content-invalid"
    zh = "提交的内容有 {count} 处不符合要求"
    en = "{count} part(s) of the content are not valid"


class ValueRefused(Invalid):
    """The database cannot hold the value: a number too large, a time out of range (数值超出范围)."""

    code = "value-out-of-range"
    zh = "提交的某个值超出可存储的范围"
    en = "One of the values is out of the range that can be stored"


class AlreadyExists(Conflict):
    """Another request made the same thing at the same moment (已存在)."""

    code = "already-exists"
    zh = "相同的记录已存在，请重新读取"
    en = "The same record exists already, read it again"


def validation_errors(faults_found: Iterable[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Pydantic's errors as `errors[]`: a pointer into the body, or the parameter's name."""
    made = []
    for fault in list(faults_found)[:MOST_ERRORS]:
        place, *path = fault["loc"]
        where: dict[str, Any] = (
            {"pointer": "".join(f"/{escape(str(part))}" for part in path)}
            if place == "body"
            else {"parameter": str(path[0] if path else place)}
        )
        made.append({**where, "code": fault["type"], "detail": message(fault, language)})
    return made


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    return respond(error, request.headers.get("accept-language"))


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    language = request.headers.get("accept-language")
    found = error.errors()
    errors = validation_errors(found, preferred(language))
    return respond(ContentInvalid(count=len(found)), language, errors=errors)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = {404: faults.RouteNotFound, 405: faults.MethodNotAllowed}.get(error.status_code)
    made = kind() if kind else faults.Malformed(reason=error.detail, reason_zh=error.detail)
    headers = {"Allow": _methods_at(request)} if error.status_code == 405 else error.headers
    return respond(made, request.headers.get("accept-language"), headers=headers)


def _methods_at(request: Request) -> str:
    """Every method that the path knows; the framework names those of the first route that fits."""
    routes = iter_route_contexts(request.app.routes)
    fitting = (route for route in routes if route.path_regex.match(request.url.path))
    return ", ".join(sorted({method for route in fitting for method in route.methods or ()}))


def refused_value(error: DBAPIError) -> DomainError | None:
    """What the caller did wrong if the database refused a value (class 22) or a second of its kind."""
    state = sqlstate(error) or ""
    if state.startswith("22") or type(error.orig).__name__ == "DataError":
        return ValueRefused()
    return AlreadyExists(retry_after=1) if state == "23505" else None


async def _database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    language = request.headers.get("accept-language")
    refused = refused_value(error)
    return respond(refused, language) if refused else fault_response(error, language)


def fault_response(error: Exception, accept_language: str | None) -> Response:
    """The answer to a mistake of ours: logged with its trace, told without it."""
    _log.error("internal_error", **described(error))
    return respond(faults.InternalFault(), accept_language)


def outer_response(error: Exception, accept_language: str | None) -> Response:
    """The answer to what no handler of the app has caught: a refusal, or a mistake of ours."""
    if isinstance(error, DomainError):
        return respond(error, accept_language)
    return fault_response(error, accept_language)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(DBAPIError, _database_error)
