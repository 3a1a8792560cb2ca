"""Reading a request strictly: bounded bytes, strict JSON, no control characters (严格解析).

FastAPI's own parsing answers 500 to a lone surrogate and takes NUL and NaN; this one answers 400 or 422.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from math import isfinite
from typing import Any

import orjson
from fastapi import Request
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from libs.common.errors import Invalid
from libs.common.http.faults import (
    BodyBrokenOff,
    BodyTooLarge,
    BodyTooSlow,
    Malformed,
    MalformedJson,
    UnsupportedContent,
)

JSON_DEPTH = 32
"""Deepest nesting of a JSON body."""

BODY_SECONDS = 60.0
"""How long a body may take to arrive."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_ESCAPE = re.compile(rb"\\u00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F]|[789][0-9a-fA-F])|\x7f|\xc2[\x80-\x9f]")
_CONTROL_QUERY = re.compile(rb"%(?:[01][0-9a-fA-F]|7[fF]|[cC]2%[89][0-9a-fA-F])")


class ControlCharacters(Invalid):
    """A text holds NUL or another control character."""

    code = "control-characters"
    zh = "文本中含有不允许的控制字符"
    en = "The text holds a control character that is not allowed"


class StrictRequest(Request):
    """A request whose body is bounded and whose JSON is strict. Both are kept for a retry.

    Errors: those of `bounded`, `UnsupportedContent`, `MalformedJson`, `ControlCharacters`.
    """

    body_limit = 1 << 20

    async def body(self) -> bytes:
        """The whole body, at most `body_limit` bytes."""
        if not hasattr(self, "_body"):
            self._body = await self._read()
        return self._body

    async def _read(self) -> bytes:
        return b"".join([chunk async for chunk in bounded(self, self.body_limit)])

    async def json(self) -> Any:
        """The body as strict JSON."""
        if not hasattr(self, "_json"):
            require_json(self.headers.get("content-type"))
            self._json = parse(await self.body())
        return self._json


async def bounded(request: Request, limit: int, seconds: float = BODY_SECONDS) -> AsyncIterator[bytes]:
    """The body's parts, at most `limit` bytes within `seconds`.

    Raises `BodyTooLarge` (before reading, if the length is declared), `BodyTooSlow` or `BodyBrokenOff`.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise BodyTooLarge(limit=limit)
    read, until = 0, asyncio.get_running_loop().time() + seconds
    parts = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout_at(until):
                chunk = await anext(parts)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise BodyTooSlow(seconds=seconds) from None
        except ClientDisconnect:
            raise BodyBrokenOff(reason="the body broke off", reason_zh="请求体中断") from None
        read += len(chunk)
        if read > limit:
            raise BodyTooLarge(limit=limit)
        yield chunk


def require_json(content_type: str | None) -> None:
    """Raise `UnsupportedContent` unless it is `application/json` or `application/*+json`, in UTF-8."""
    media, _, parameters = (content_type or "").lower().partition(";")
    media = media.strip()
    charset = re.search(r"charset=\"?([\w-]+)", parameters)
    is_json = media == "application/json" or (media.startswith("application/") and media.endswith("+json"))
    if not is_json or (charset and charset.group(1) not in {"utf-8", "utf8"}):
        raise UnsupportedContent(expected="application/json")


def parse(raw: bytes) -> Any:
    """Strict JSON: no NaN, infinity, lone surrogates, doubled names or control characters, bounded depth.

    Raises `MalformedJson` or `ControlCharacters` (with the pointer).
    """
    try:
        value = from_json(raw, allow_inf_nan=False)
        json.loads(raw, object_pairs_hook=_once_each, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
        raise MalformedJson(reason=reason, reason_zh="请求体不是合法的 JSON") from None
    _check_depth(value)
    if _CONTROL_ESCAPE.search(raw):
        _refuse_control(value, "")
    return value


def fingerprint(raw: bytes) -> bytes:
    """SHA-256 of the body, of its canonical form where it is JSON: spaces and order do not matter."""
    with suppress(orjson.JSONDecodeError, orjson.JSONEncodeError):
        return canonical_digest(orjson.loads(raw))
    return hashlib.sha256(raw).digest()


def canonical_digest(value: Any) -> bytes:
    """SHA-256 of the canonical form of parsed JSON."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()


def check_target(path: str, query: bytes) -> None:
    """Raise `Malformed` for control characters in the path or the query."""
    if _CONTROL.search(path) or _CONTROL_QUERY.search(query):
        raise Malformed(reason="control characters in the address", reason_zh="地址中含有控制字符")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return made


def _finite(written: str) -> float:
    """A number too large for a float would be read as infinity."""
    value = float(written)
    if not isfinite(value):
        raise ValueError("a number is too large")
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(JSON_DEPTH):
        nested = [item for item in level if isinstance(item, dict | list)]
        if not nested:
            return
        level = [child for item in nested for child in (item.values() if isinstance(item, dict) else item)]
    raise MalformedJson(reason=f"nested deeper than {JSON_DEPTH}", reason_zh=f"嵌套超过 {JSON_DEPTH} 层")


def _refuse_control(value: Any, pointer: str) -> None:
    if isinstance(value, str) and _CONTROL.search(value):
        raise ControlCharacters(pointer=pointer)
    if isinstance(value, dict):
        for name, child in value.items():
            if _CONTROL.search(name):
                raise ControlCharacters(pointer=pointer)
            _refuse_control(child, f"{pointer}/{escape(name)}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            _refuse_control(child, f"{pointer}/{index}")


def escape(name: str) -> str:
    """A name as one token of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
