"""The envelope 事件信封: CloudEvents 1.0 in structured JSON, the same bytes to Kafka, webhook and feed.

`encode` is deterministic; `decode` takes nothing on trust: sizes, types, ranges, and that type, topic and
key belong together. `time` is when the producer logged it; when it happened is in `data`.

>>> from datetime import UTC, datetime
>>> from uuid import UUID
>>> told = Message(
...     event_id=UUID(int=1), source="urn:cn:jiayuan:demo:grid", type="cn.jiayuan.grid.shelf.filled.v1",
...     aggregate_id=UUID(int=2), version=3, position=7, epoch=1, time=datetime(2026, 3, 2, tzinfo=UTC),
...     data=b'{"total":3}')
>>> decode(encode(told), topic="jiayuan.grid.shelf.v1") == told
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from libs.common.events.contract import PAYLOAD_LIMIT
from libs.common.tracing import is_traceparent

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
ENVELOPE_LIMIT = PAYLOAD_LIMIT + 4096
"""Most bytes of a whole message."""

SEQUENCE_DIGITS = 10
POSITION_DIGITS = 19
_INT32 = 2**31 - 1
_INT64 = 2**63 - 1
_NAMES = (
    "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "sequence",
    "position", "epoch", "restated", "erased", "traceparent",
)  # fmt: skip
_HEADERS = {name: f"ce_{name}" for name in _NAMES}
_MODE = ("content-type", CONTENT_TYPE.encode())
_TYPE = re.compile(r"cn\.jiayuan\.([a-z]+)\.([a-z][a-z-]*)\.([a-z][a-z-]*)\.v([1-9][0-9]{0,2})")


class Undecodable(ValueError):
    """The bytes are no event of ours. The text says why and repeats nothing of the content."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it travels. `data` is its JSON, None when it was erased by law."""

    event_id: UUID
    source: str
    type: str
    aggregate_id: UUID
    version: int
    position: int
    epoch: int
    time: datetime
    data: bytes | None
    traceparent: str | None = None
    restated: bool = False

    @property
    def topic(self) -> str:
        """The topic that its type belongs to."""
        return topic_of(self.type)


@lru_cache(maxsize=1024)
def topic_of(type_: str) -> str:
    """The topic of an event type. Raises `Undecodable`.

    >>> topic_of("cn.jiayuan.grid.shelf.filled.v1")
    'jiayuan.grid.shelf.v1'
    """
    match = _TYPE.fullmatch(type_)
    if match is None:
        raise Undecodable("the type is none of ours")
    service, noun, _, major = match.groups()
    return f"jiayuan.{service}.{noun}.v{major}"


def owner_of(topic: str) -> str:
    """The service that owns a topic."""
    return topic.split(".")[1]


@lru_cache(maxsize=1024)
def schema_of(type_: str) -> str:
    """The name of a type's JSON Schema (`$id`), the event's `dataschema`."""
    return f"urn:jiayuan:schema:{type_}"


def encode(message: Message) -> bytes:
    """The bytes on the wire."""
    return _encoded(_attributes(message), message.data)


def wire(message: Message) -> tuple[bytes, list[tuple[str, bytes]]]:
    """`encode` and `headers` together, for who needs both of many messages."""
    attributes = _attributes(message)
    return _encoded(attributes, message.data), _copies(attributes)


def _encoded(attributes: dict[str, Any], data: bytes | None) -> bytes:
    told = orjson.dumps(attributes)
    return told if data is None else told[:-1] + b',"data":' + data + b"}"


def _attributes(message: Message) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(message.event_id),
        "source": message.source,
        "type": message.type,
        "subject": str(message.aggregate_id),
        "time": _time(message.time),
        "datacontenttype": "application/json",
        "dataschema": schema_of(message.type),
        "sequence": str(message.version).zfill(SEQUENCE_DIGITS),
        "position": str(message.position).zfill(POSITION_DIGITS),
        "epoch": message.epoch,
    }
    if message.restated:
        attributes["restated"] = True
    if message.data is None:
        attributes["erased"] = True
    if message.traceparent:
        attributes["traceparent"] = message.traceparent
    return attributes


def headers(message: Message) -> list[tuple[str, bytes]]:
    """The `ce_*` copies for whoever filters by header, and the content type, which says structured mode.

    The Python SDK's mode detection looks at `ce_*` first: with it, read by `from_structured`.
    """
    return _copies(_attributes(message))


def _copies(attributes: dict[str, Any]) -> list[tuple[str, bytes]]:
    copies = [_MODE]
    for name, value in attributes.items():
        copies.append((_HEADERS[name], value.encode() if type(value) is str else _header(value)))
    return copies


def _header(value: bool | int) -> bytes:
    return str(value).lower().encode()


def key(aggregate_id: UUID) -> bytes:
    """The key on the bus: the aggregate's id."""
    return str(aggregate_id).encode()


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def decode(raw: bytes, *, topic: str) -> Message:
    """The event that came over `topic`. Raises `Undecodable`."""
    if len(raw) > ENVELOPE_LIMIT:
        raise Undecodable("larger than an event may be")
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Undecodable("no JSON") from None
    if not isinstance(found, dict) or found.get("specversion") != "1.0":
        raise Undecodable("no CloudEvent 1.0")
    type_ = _text(found, "type", 200)
    if topic_of(type_) != topic:
        raise Undecodable("the type belongs to another topic")
    return Message(
        event_id=_uuid(found, "id"),
        source=_text(found, "source", 300),
        type=type_,
        aggregate_id=_uuid(found, "subject"),
        version=_digits(found, "sequence", SEQUENCE_DIGITS, _INT32),
        position=_digits(found, "position", POSITION_DIGITS, _INT64),
        epoch=_epoch(found),
        time=_moment(found),
        data=_data(found),
        traceparent=_traceparent(found),
        restated=_flag(found, "restated"),
    )


def _text(found: dict[str, Any], name: str, limit: int) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit or "\0" in value:
        raise Undecodable(f"{name} is no text of 1 to {limit} characters")
    return value


def _uuid(found: dict[str, Any], name: str) -> UUID:
    value = _text(found, name, 36)
    try:
        parsed = UUID(value)
    except ValueError:
        raise Undecodable(f"{name} is no UUID") from None
    if str(parsed) != value:
        raise Undecodable(f"{name} is not written as a UUID is")
    return parsed


def _digits(found: dict[str, Any], name: str, width: int, most: int) -> int:
    value = _text(found, name, width)
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= most:
        raise Undecodable(f"{name} is out of range")
    return int(value)


def _epoch(found: dict[str, Any]) -> int:
    value = found.get("epoch")
    if type(value) is not int or not 1 <= value <= _INT32:
        raise Undecodable("epoch is out of range")
    return value


def _moment(found: dict[str, Any]) -> datetime:
    value = _text(found, "time", 40)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Undecodable("time is no time") from None
    if moment.tzinfo is None or not 2000 <= moment.year < 2200:
        raise Undecodable("time is out of range")
    return moment.astimezone(UTC)


def _flag(found: dict[str, Any], name: str) -> bool:
    value = found.get(name, False)
    if not isinstance(value, bool):
        raise Undecodable(f"{name} is neither true nor false")
    return value


def _traceparent(found: dict[str, Any]) -> str | None:
    value = found.get("traceparent")
    return value if isinstance(value, str) and is_traceparent(value) else None


def _data(found: dict[str, Any]) -> bytes | None:
    if _flag(found, "erased"):
        return None
    if not isinstance(found.get("data"), dict):
        raise Undecodable("data is no object")
    return orjson.dumps(found["data"])
