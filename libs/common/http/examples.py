"""Examples of requests 请求示例: what the document shows of a body, made of what stands beside its fields.

The route's own example (`permit`) wins, then the schema's own `examples`; otherwise one is composed of those
of its fields. Fields that may be left out are shown where an example stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

JSON = "application/json"
Schemas = Mapping[str, Any]
_ABSENT: Any = object()


class NoExample(LookupError):
    """A body of which nothing can be shown: a field that is needed has no example."""


def write(operation: Mapping[str, Any], schemas: Schemas) -> None:
    """Write named examples into the operation's JSON body, where it takes one and enough is known of it."""
    content = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if content is None or "examples" in content:
        return
    try:
        values = of_body(content["schema"], schemas)
    except NoExample:
        return
    title = operation.get("summary", "")
    names = ["example"] if len(values) == 1 else [f"example-{place}" for place in range(1, len(values) + 1)]
    content["examples"] = {
        name: {"summary": title, "value": value} for name, value in zip(names, values, strict=True)
    }


def named(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """The examples of the operation's JSON body, by name."""
    content = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
    return {name: example["value"] for name, example in content.get("examples", {}).items()}


def of_body(schema: Mapping[str, Any], schemas: Schemas) -> list[Any]:
    """Every example of a body. Raises `NoExample`."""
    found = _followed(schema, schemas)
    return list(found.get("examples") or [_needed(found, schemas)])


def _needed(schema: Mapping[str, Any], schemas: Schemas) -> Any:
    value = _shown(schema, schemas, needed=True)
    if value is _ABSENT:
        raise NoExample
    return value


def _shown(schema: Mapping[str, Any], schemas: Schemas, *, needed: bool) -> Any:
    """The example of a value, or `_ABSENT`. What is not needed is never made up of its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    for branch in schema.get("anyOf") or schema.get("oneOf") or ():
        value = _shown(branch, schemas, needed=needed)
        if value is not _ABSENT:
            return value
    if not needed:
        return _ABSENT
    return _made(_followed(schema, schemas), schemas)


def _made(schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """What a schema without an example of its own says by itself, or by its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return dict(_fields(schema, schemas))
    if schema.get("type") == "array":
        return [_needed(schema["items"], schemas)]
    return True if schema.get("type") == "boolean" else _ABSENT


def _fields(schema: Mapping[str, Any], schemas: Schemas) -> Iterator[tuple[str, Any]]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        value = _needed(field, schemas) if name in required else _shown(field, schemas, needed=False)
        if value is not _ABSENT:
            yield name, value


def _followed(schema: Mapping[str, Any], schemas: Schemas) -> Mapping[str, Any]:
    while "$ref" in schema and "examples" not in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema
