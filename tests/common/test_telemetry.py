"""Logs hold no personal data; metrics are bound once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import DBAPIError

from libs.common.telemetry import (
    PERSONAL,
    configure_logging,
    described,
    metrics_text,
    observe_request,
    redact,
)
from libs.common.tracing import new_traceparent, trace


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logging(level="info", stream=stream)
    yield stream
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_and_trace(written: io.StringIO) -> None:
    with trace(new_traceparent()) as parent:
        structlog.get_logger().info("case_dispatched", case="c-1", count=3)
    structlog.get_logger().debug("left_out")
    (line,) = lines(written)
    assert line["event"] == "case_dispatched"
    assert line["trace_id"] == parent.split("-")[1]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["case"], line["count"]) == ("info", "c-1", 3)


@pytest.mark.parametrize("key", sorted(PERSONAL))
def test_telling_names_are_struck_out(written: io.StringIO, key: str) -> None:
    structlog.get_logger().info("event", **{key: "张三", "nested": {key: ["张三"]}})
    assert "张三" not in written.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "call 13812345678 now",
        "电话13812345678。",
        "+8613812345678",
        "86-13812345678",
        "身份证310107199001011234",
        "31010719900101123X",
    ],
)
def test_numbers_of_persons_are_struck_out(text: str) -> None:
    line = redact(None, "", {"event": "e", "text": text, "more": [text, {"deep": (text,)}]})
    assert "13812345678" not in str(line)
    assert "31010719900101123" not in str(line)


@pytest.mark.parametrize("text", ["310107005001001", "0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11", "20260302-0007"])
def test_codes_and_ids_stay(text: str) -> None:
    assert redact(None, "", {"text": text}) == {"text": text}


def test_faults_tell_types_and_places_only(written: io.StringIO) -> None:
    try:
        try:
            raise ValueError("张三 13812345678")
        except ValueError as cause:
            raise RuntimeError("秘密") from cause
    except RuntimeError as error:
        structlog.get_logger().error("failed", exc_info=error)
        structlog.get_logger().exception("failed")
    structlog.get_logger().error("plain", exc_info=False)
    first, second, plain = lines(written)
    assert first["error"] == second["error"] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert "test_telemetry.py" in first["at"][0]
    assert "error" not in plain
    assert "张三" not in written.getvalue()
    assert "秘密" not in written.getvalue()


def test_a_database_error_tells_its_state() -> None:
    class Origin(Exception):
        sqlstate = "23505"

    told = described(DBAPIError("INSERT 张三", {"phone": "1"}, Origin("detail")))
    assert told["error"][0].endswith(" 23505")
    assert "张三" not in str(told)


def test_for_a_person_at_a_terminal() -> None:
    stream = io.StringIO()
    configure_logging(json=False, stream=stream)
    structlog.get_logger().info("started", port=8000)
    structlog.reset_defaults()
    assert "port=8000" in stream.getvalue()


def test_requests_are_counted_by_template() -> None:
    observe_request("grid", "GET", "/grid/v1/cases/{case_id}", 200, 0.01)
    observe_request("grid", "NONSENSE" * 99, "-", 405, 0.01)
    text = metrics_text().decode()
    assert 'method="GET",route="/grid/v1/cases/{case_id}",service="grid",status="200"' in text
    assert 'method="OTHER"' in text
