"""JSON Schemas of the contracts 契约模式, and whether a changed one still fits its old readers.

Fields are only added, and only optional. Whatever else changes in a published schema breaks somebody: a
reader that is older than the event, or one that reads an old event again.

>>> old = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
>>> breaks(old, {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]})
[]
>>> breaks(old, {"properties": {"a": {"type": "integer"}}, "required": ["a"]})
['a: changed']
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.events.contract import Event
from libs.common.events.envelope import POSITION_DIGITS, SEQUENCE_DIGITS, schema_of

DRAFT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE_ID = "urn:jiayuan:schema:cloudevent"

Schema = Mapping[str, Any]

# What only explains, and decides nothing.
_COMMENTS = frozenset(
    {"title", "description", "examples", "default", "$id", "$schema", "$defs", "deprecated"}
)


def event_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's `data`."""
    schema = event.model_json_schema()
    return {"$schema": DRAFT, "$id": schema_of(event.type), **schema, "title": event.__name__}


_UUID = {"type": "string", "format": "uuid"}
_REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "sequence", "position", "epoch")
_ATTRIBUTES: Schema = {
    "specversion": {"const": "1.0"},
    "id": {**_UUID, "description": "UUIDv7 of the event"},
    "source": {"type": "string", "description": "URN of the deployment and the service"},
    "type": {"type": "string", "description": "cn.jiayuan.<service>.<noun>.<past-participle>.v<n>"},
    "subject": {**_UUID, "description": "The aggregate; also the key on the bus"},
    "time": {"type": "string", "format": "date-time", "description": "When it was logged, UTC"},
    "datacontenttype": {"const": "application/json"},
    "dataschema": {"type": "string", "description": "$id of the schema of data"},
    "sequence": {
        "type": "string",
        "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$",
        "description": "The aggregate's version",
    },
    "position": {
        "type": "string",
        "pattern": f"^[0-9]{{{POSITION_DIGITS}}}$",
        "description": "Gapless position in the producer's log",
    },
    "epoch": {"type": "integer", "minimum": 1, "description": "Life of the log, see the guide"},
    "restated": {"type": "boolean", "description": "Current state, told again"},
    "erased": {"type": "boolean", "description": "Erased by law: no data"},
    "traceparent": {"type": "string"},
    "data": {"type": "object"},
}


def envelope_schema() -> dict[str, Any]:
    """The JSON Schema of the whole message, whatever its type."""
    return {
        "$schema": DRAFT,
        "$id": ENVELOPE_ID,
        "title": "CloudEvent",
        "description": "CloudEvents 1.0, structured JSON (事件信封)",
        "type": "object",
        "required": list(_REQUIRED),
        "properties": dict(_ATTRIBUTES),
    }


def breaks(old: Schema, new: Schema) -> list[str]:
    """What the new schema would break for readers of the old one, by the path of the field."""
    return _breaks(old, new, (old, new), "")


def _breaks(old: Schema, new: Schema, roots: tuple[Schema, Schema], path: str) -> list[str]:
    old, new = _resolved(old, roots[0]), _resolved(new, roots[1])
    found: list[str] = []
    was, now = old.get("properties", {}), new.get("properties", {})
    for name, schema in was.items():
        place = f"{path}{name}"
        if name not in now:
            found.append(f"{place}: removed")
        else:
            found += _breaks(schema, now[name], roots, f"{place}.")
    required_before, required_now = set(old.get("required", ())), set(new.get("required", ()))
    found += [
        f"{path}{name}: added, and required" for name in sorted((required_now - required_before) - set(was))
    ]
    found += [f"{path}{name}: now required" for name in sorted((required_now - required_before) & set(was))]
    found += [
        f"{path}{name}: no longer required" for name in sorted((required_before - required_now) & set(now))
    ]
    if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
        found += _breaks(old["items"], new["items"], roots, f"{path.rstrip('.')}[].")
        old, new = _without_items(old), _without_items(new)
    if _rest(old, roots[0]) != _rest(new, roots[1]):
        found.append(f"{path.rstrip('.') or 'the event'}: changed")
    return found


def _without_items(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "items"}


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema itself, where it is a reference into its own file."""
    while "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def _rest(schema: Schema, root: Schema) -> Any:
    """Everything that decides beside properties and required, with references followed."""
    left = {key: value for key, value in schema.items() if key not in _COMMENTS | {"properties", "required"}}
    return {key: _plain(value, root) for key, value in left.items()}


def _plain(value: Any, root: Schema) -> Any:
    if isinstance(value, Mapping):
        resolved = _resolved(value, root)
        return {key: _plain(part, root) for key, part in resolved.items() if key not in _COMMENTS}
    if isinstance(value, list):
        return [_plain(part, root) for part in value]
    return value
