"""Every error is a problem document, in the caller's language."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from libs.common.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable
from libs.common.http import faults
from libs.common.http.languages import message, preferred
from libs.common.http.problems import STATUS, TITLES, problem, respond, status_of
from libs.common.ids import new_id
from libs.common.versions import Stale
from tests.common.http.test_route import NOTES, key

MEDIA_TYPE = "application/problem+json"


@pytest.mark.parametrize(
    "error, status",
    [
        (NotFound(), 404),
        (Conflict(), 409),
        (Forbidden(), 403),
        (Invalid(), 422),
        (Unavailable(), 503),
        (Stale(current=2, given=1), 412),
        (faults.Malformed(reason="r", reason_zh="原因"), 400),
        (faults.MalformedJson(reason="r", reason_zh="原因"), 400),
        (faults.TokenExpired(), 401),
        (faults.TooManyRequests(), 429),
        (faults.InFlight(), 409),
        (DomainError(), 500),
    ],
)
def test_the_nearest_category_counts(error: DomainError, status: int) -> None:
    assert status_of(error) == status
    document = problem(error, "zh")
    assert document["type"] == f"urn:jiayuan:problem:{error.code}"
    assert document["title"] == TITLES[status][0]
    assert "reason_zh" not in document.get("data", {})


def test_every_status_has_a_title() -> None:
    assert set(STATUS.values()) <= set(TITLES)


async def test_a_refusal_of_the_domain(client: httpx.AsyncClient) -> None:
    number = new_id()
    answer = await client.post(f"{NOTES}/{number}/touch", headers=key())
    document = answer.json()
    assert answer.status_code == document["status"] == 409
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["content-language"] == "zh-CN"
    assert "Accept-Language" in answer.headers["vary"]
    assert document["detail"] == f"笔记 {number} 已关闭"
    assert document["data"] == {"number": str(number)}
    assert document["errors"] == [{"pointer": "/words", "code": "note-closed", "detail": document["detail"]}]
    assert len(document["trace_id"]) == 32


async def test_in_english(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"{NOTES}/{new_id()}/touch", headers={**key(), "Accept-Language": "en-GB, zh;q=0.5"}
    )
    assert answer.headers["content-language"] == "en"
    assert answer.json()["title"] == "Conflict"
    assert answer.json()["detail"].endswith("is closed")


@pytest.mark.parametrize(
    "method, path, status, code",
    [
        ("GET", "/nowhere", 404, "route-not-found"),
        ("GET", "/sample/v1/nowhere", 404, "route-not-found"),
        ("GET", "/sample/docs/assets/nothing.js", 404, "route-not-found"),
        ("DELETE", NOTES, 405, "method-not-allowed"),
        ("GET", "/sample/v1/away", 503, "unavailable"),
        ("GET", "/sample/v1/broken", 500, "internal-error"),
        ("GET", f"{NOTES}/{UUID(int=1)}", 404, "not-found"),
    ],
)
async def test_every_kind_of_error(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["trace_id"] == answer.headers["traceparent"].split("-")[1]


async def test_allowed_methods_are_told(client: httpx.AsyncClient) -> None:
    """All of them, though each is a route of its own."""
    assert (await client.delete(NOTES)).headers["allow"] == "GET, POST"
    assert (await client.delete(f"{NOTES}/{new_id()}")).headers["allow"] == "GET, PUT"


async def test_a_mistake_of_ours_tells_nothing(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/sample/v1/broken")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_validation_names_places_and_never_repeats_the_input(client: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"words": ["13812345678"], "more": "13812345678", "weight": "x"}
    answer = await client.post(NOTES, json=body, headers=key())
    errors = {error["pointer"]: error for error in answer.json()["errors"]}
    assert set(errors) == {"/words", "/more", "/weight"}
    assert errors["/more"]["detail"] == "不允许的字段"
    assert "13812345678" not in answer.text
    english = await client.post(NOTES, json=body, headers={**key(), "Accept-Language": "en"})
    assert {"Extra inputs are not permitted"} <= {error["detail"] for error in english.json()["errors"]}


async def test_so_many_errors_are_told(client: httpx.AsyncClient) -> None:
    body = {f"field{number}": 1 for number in range(200)}
    answer = await client.post(NOTES, json=body, headers=key())
    assert len(answer.json()["errors"]) == 50
    assert answer.json()["data"] == {"count": 201}


@pytest.mark.parametrize(
    "header, language",
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-Hant-TW, en", "zh"),
        ("en;q=0.4, zh;q=0.4", "zh"),
        ("en;q=0.5, zh;q=0.4", "en"),
        ("*;q=0.5, en;q=0.1", "zh"),
        ("zh;q=0, *", "en"),
        ("de, en;q=0.1", "en"),
        ("de, fr", "zh"),
        ("en;q=nonsense", "zh"),
        ("en;q=5", "zh"),
        ("en;q=1.000, zh;q=0.999", "en"),
        ("x" * 10_000, "zh"),
    ],
)
def test_language(header: str | None, language: str) -> None:
    assert preferred(header) == language


def test_messages_in_both_languages() -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(list[int]).validate_python(["x"])
    (fault,) = refused.value.errors()
    assert message(fault, "zh") == "应为整数"
    assert message(fault, "en").startswith("Input should be a valid integer")
    own = PydanticCustomError("own_rule", "In English", {"zh": "中文"})
    assert message({"type": own.type, "msg": own.message(), "ctx": own.context}, "zh") == "中文"
    assert message({"type": "unheard_of", "msg": "m"}, "zh") == "内容无效"
    assert message({"type": "string_too_long", "msg": "m"}, "zh") == "最多 {max_length} 个字符"


def test_who_must_sign_in_is_told_how() -> None:
    absent = respond(faults.Unauthenticated(absent=True), None)
    assert absent.headers["www-authenticate"] == 'Bearer realm="jiayuan", ApiKey realm="jiayuan"'
    wrong = respond(faults.Unauthenticated(), None)
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
