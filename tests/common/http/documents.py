"""Checks of an OpenAPI document, for the sample here and for every service in the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.jsonschema import DRAFT202012


def nodes(value: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    """Every object of the document with its place."""
    if isinstance(value, Mapping):
        yield path, value
        for name, child in value.items():
            yield from nodes(child, f"{path}/{name}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from nodes(child, f"{path}/{index}")


def dangling(document: Mapping[str, Any]) -> list[str]:
    """The `$ref`s that lead nowhere."""
    return [
        path for path, node in nodes(document) if "$ref" in node and not _resolves(document, node["$ref"])
    ]


def _resolves(document: Any, reference: Any) -> bool:
    if not isinstance(reference, str):
        return True
    at = document
    for step in reference.removeprefix("#/").split("/"):
        at = at.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(at, Mapping) else None
    return reference.startswith("#/") and at is not None


def wrong_examples(document: Mapping[str, Any]) -> list[str]:
    """The examples that do not fit their own schema."""
    resource = DRAFT202012.create_resource(document)
    registry: Registry[Any] = Registry().with_resource("urn:document", resource)
    found = []
    for path, node in nodes(document):
        if isinstance(node.get("examples"), list) and ("type" in node or "anyOf" in node or "$ref" in node):
            schema = absolute(node)
            checker = validator_for(schema, Draft202012Validator)(schema, registry=registry)
            found += [
                f"{path}: {error.message}"
                for given in node["examples"]
                for error in checker.iter_errors(given)
            ]
    return found


def absolute(node: Any) -> Any:
    """The node with its references led into the document `urn:document`."""
    if isinstance(node, Mapping):
        return {
            name: f"urn:document{child}" if name == "$ref" and isinstance(child, str) else absolute(child)
            for name, child in node.items()
        }
    return [absolute(child) for child in node] if isinstance(node, list) else node


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation with its method and path."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation
