"""Links of the OpenAPI document 接口文档链接: what is made can be read, what was read can be acted on.

What answers for a thing at `/things/{id}` leads to `GET /things/{id}`, and that to each change of the thing,
with the version that was read. `operation` of the document is found by its `operationId`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAMES = re.compile(r"\{(\w+)\}")
_CHANGES = ("put", "post", "patch", "delete")
Item = dict[str, Any]


def link(made: Mapping[str, Any]) -> None:
    """Write the links into the document's successful answers."""
    for path, item in made["paths"].items():
        if path.endswith("}") and "get" in item:
            _link_thing(made, path)


def _link_thing(made: Mapping[str, Any], path: str) -> None:
    read = made["paths"][path]["get"]
    names = {name: f"$request.path.{name}" for name in _NAMES.findall(path)}
    changes = list(_changes(made["paths"], path))
    for change in changes:
        _add(change, read, names)
        match = {"If-Match": "$response.header.ETag"} if _needs_match(change) else {}
        _add(read, change, {**names, **match})
    collection, _, last = path.rpartition("/")
    create = made["paths"].get(collection, {}).get("post")
    if create is not None and "id" in _answered(made, create):
        _add(create, read, {**names, last.strip("{}"): "$response.body#/id"})


def _changes(paths: Mapping[str, Item], path: str) -> Iterator[Item]:
    """The operations that change the thing: on it, and its steps one word below it."""
    step = re.compile(re.escape(path) + r"/[\w-]+")
    for other, item in paths.items():
        if other == path:
            yield from (item[method] for method in _CHANGES if method in item)
        elif step.fullmatch(other) and "post" in item:
            yield item["post"]


def _add(source: Item, target: Item, parameters: Mapping[str, str]) -> None:
    name = target["operationId"]
    for status, response in source["responses"].items():
        if status.startswith("2") and "$ref" not in response:
            told = {"operationId": name, "parameters": dict(parameters)}
            response.setdefault("links", {})[name] = told


def _needs_match(operation: Item) -> bool:
    return any(parameter.get("name") == "If-Match" for parameter in operation.get("parameters", ()))


def _answered(made: Mapping[str, Any], operation: Item) -> Mapping[str, Any]:
    """The properties of the successful answer."""
    success = next(response for status, response in operation["responses"].items() if status.startswith("2"))
    schema = success.get("content", {}).get("application/json", {}).get("schema", {})
    named = schema.get("$ref", "").rpartition("/")[2]
    properties: Mapping[str, Any] = made["components"]["schemas"].get(named, schema).get("properties", {})
    return properties
