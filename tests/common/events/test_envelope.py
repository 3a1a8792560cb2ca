"""The envelope: the bytes on the wire, read by us and by the CloudEvents SDK; hostile bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events.contract import PAYLOAD_LIMIT
from libs.common.events.envelope import (
    ENVELOPE_LIMIT,
    Message,
    Undecodable,
    decode,
    encode,
    headers,
    key,
    owner_of,
    topic_of,
)
from libs.common.events.schemas import envelope_schema
from libs.common.tracing import new_traceparent

TOPIC = "jiayuan.grid.shelf.v1"
MESSAGE = Message(
    event_id=UUID("01926b2e-7c4d-7a3e-8f10-2b3c4d5e6f70"),
    source="urn:cn:jiayuan:demo:grid",
    type="cn.jiayuan.grid.shelf.filled.v1",
    aggregate_id=UUID("01926b2e-7c4d-7a3e-8f10-2b3c4d5e6f71"),
    version=3,
    position=70,
    epoch=1,
    time=datetime(2026, 3, 2, 8, 0, 0, 120, tzinfo=UTC),
    data='{"total": 3, "note": "书"}'.encode(),
    traceparent=new_traceparent(),
)


def spoilt(**changes: Any) -> bytes:
    """The message's bytes with attributes replaced; None removes one."""
    found = json.loads(encode(MESSAGE)) | changes
    return json.dumps({name: value for name, value in found.items() if value is not None}).encode()


def test_the_bytes_are_deterministic_and_hold_the_payload_as_it_is() -> None:
    raw = encode(MESSAGE)
    assert raw == encode(replace(MESSAGE, time=MESSAGE.time.astimezone(timezone(timedelta(hours=8)))))
    assert raw.endswith(b',"data":' + (MESSAGE.data or b"") + b"}")
    assert b'"sequence":"0000000003","position":"0000000000000000070"' in raw
    assert b'"time":"2026-03-02T08:00:00.000120Z"' in raw


def test_what_was_written_is_read() -> None:
    read = decode(encode(MESSAGE), topic=TOPIC)
    assert json.loads(read.data or b"") == json.loads(MESSAGE.data or b"")
    assert replace(read, data=MESSAGE.data) == MESSAGE


@pytest.mark.parametrize("message", [MESSAGE, replace(MESSAGE, restated=True), replace(MESSAGE, data=None)])
def test_the_envelopes_own_schema_holds(message: Message) -> None:
    jsonschema.validate(
        json.loads(encode(message)), envelope_schema(), format_checker=jsonschema.FormatChecker()
    )
    assert decode(encode(message), topic=TOPIC).restated is message.restated
    assert (decode(encode(message), topic=TOPIC).data is None) is (message.data is None)


@pytest.mark.parametrize("message", [MESSAGE, replace(MESSAGE, restated=True), replace(MESSAGE, data=None)])
def test_the_sdk_reads_it_from_kafka(message: Message) -> None:
    received = KafkaMessage(
        headers=dict(headers(message)), key=key(message.aggregate_id), value=encode(message)
    )
    read = from_structured_event(received)
    assert read.get_id() == str(message.event_id)
    assert read.get_type() == message.type
    assert read.get_source() == message.source
    assert read.get_subject() == str(message.aggregate_id)
    assert read.get_time() == message.time
    assert read.get_extension("sequence") == "0000000003"
    assert read.get_extension("epoch") == 1
    assert read.get_data() == (json.loads(message.data) if message.data else None)


def test_the_headers_copy_the_attributes() -> None:
    copied = dict(headers(replace(MESSAGE, restated=True)))
    assert copied["content-type"].startswith(b"application/cloudevents+json")
    assert copied["ce_type"] == MESSAGE.type.encode()
    assert copied["ce_restated"] == b"true"
    assert "ce_data" not in copied


def test_names() -> None:
    assert topic_of(MESSAGE.type) == MESSAGE.topic == TOPIC
    assert owner_of(TOPIC) == "grid"


HOSTILE = [
    (b"", "no JSON"),
    (b"\xff\xfe", "no JSON"),
    (b"[]", "no CloudEvent"),
    (b"{}", "no CloudEvent"),
    (b"[" * 15_000, "no JSON"),
    (b" " * (ENVELOPE_LIMIT + 1), "larger"),
    (spoilt(specversion="0.3"), "no CloudEvent"),
    (spoilt(id=None), "id"),
    (spoilt(id="x"), "id"),
    (spoilt(id=str(MESSAGE.event_id).upper()), "id"),
    (spoilt(subject=7), "subject"),
    (spoilt(source=""), "source"),
    (spoilt(source="a\0b"), "source"),
    (spoilt(type="cn.jiayuan.grid.other.filled.v1"), "another topic"),
    (spoilt(type="com.example.filled"), "none of ours"),
    (spoilt(sequence=3), "sequence"),
    (spoilt(sequence="0000000000"), "sequence"),
    (spoilt(sequence="٣"), "sequence"),
    (spoilt(sequence="-000000001"), "sequence"),
    (spoilt(sequence="9999999999"), "sequence"),
    (spoilt(position="9999999999999999999"), "position"),
    (spoilt(epoch=0), "epoch"),
    (spoilt(epoch=True), "epoch"),
    (spoilt(epoch=2**31), "epoch"),
    (spoilt(time="yesterday"), "time"),
    (spoilt(time="2026-03-02T08:00:00"), "time"),
    (spoilt(time="1999-03-02T08:00:00Z"), "time"),
    (spoilt(restated="yes"), "restated"),
    (spoilt(data=None), "data"),
    (spoilt(data=[1]), "data"),
]


@pytest.mark.parametrize(("raw", "why"), HOSTILE)
def test_hostile_bytes_are_refused_with_a_reason(raw: bytes, why: str) -> None:
    with pytest.raises(Undecodable, match=why):
        decode(raw, topic=TOPIC)


def test_a_malformed_traceparent_is_only_dropped() -> None:
    assert decode(spoilt(traceparent="nonsense"), topic=TOPIC).traceparent is None


def test_attributes_that_we_do_not_know_are_ignored() -> None:
    assert decode(spoilt(dataref="https://example.invalid/1"), topic=TOPIC).version == 3


def test_the_largest_payload_fits() -> None:
    data = json.dumps({"note": "x" * (PAYLOAD_LIMIT - 20)}).encode()
    assert decode(encode(replace(MESSAGE, data=data)), topic=TOPIC).version == 3


@given(st.binary(max_size=400))
def test_no_bytes_at_all_raise_anything_else(raw: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(raw, topic=TOPIC)


@given(
    st.dictionaries(st.sampled_from([*json.loads(encode(MESSAGE))]), st.none() | st.booleans() | st.text())
)
def test_no_attributes_at_all_raise_anything_else(changes: dict[str, Any]) -> None:
    try:
        decode(spoilt(**changes), topic=TOPIC)
    except Undecodable:
        return
