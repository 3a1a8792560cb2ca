"""Examples of bodies: a schema's own, or made of what stands beside its fields."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.http import examples, permit

WORD = {"type": "string", "examples": ["已清理"]}
SCHEMAS: dict[str, Any] = {
    "Place": {
        "type": "object",
        "required": ["area"],
        "properties": {"area": WORD, "note": {"type": "string"}},
    },
    "Kind": {"type": "string", "enum": ["solved", "explained"]},
    "Shown": {"type": "object", "examples": [{"a": 1}, {"a": 2}], "properties": {"a": {"type": "integer"}}},
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def body(required: list[str], **fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": fields}


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        (ref("Shown"), [{"a": 1}, {"a": 2}]),
        (body(["word"], word=WORD), [{"word": "已清理"}]),
        (body([], word=WORD, bare={"type": "string"}), [{"word": "已清理"}]),
        (body([], word={"anyOf": [WORD, {"type": "null"}]}), [{"word": "已清理"}]),
        (body(["at"], at=ref("Place")), [{"at": {"area": "已清理"}}]),
        (body([], at=ref("Place"), kind=ref("Kind")), [{}]),
        (body(["kind", "yes"], kind=ref("Kind"), yes={"type": "boolean"}), [{"kind": "solved", "yes": True}]),
        (body(["all"], all={"type": "array", "items": ref("Place")}), [{"all": [{"area": "已清理"}]}]),
        (body(["is"], **{"is": {"const": "x"}}), [{"is": "x"}]),
        (body(["it"], it={"oneOf": [{"const": "x"}, ref("Place")]}), [{"it": "x"}]),
    ],
)
def test_what_is_shown(schema: dict[str, Any], shown: list[Any]) -> None:
    assert examples.of_body(schema, SCHEMAS) == shown


def test_a_field_that_is_needed_and_has_no_example_leaves_the_body_without() -> None:
    schema = body(["bare"], bare={"type": "string"}, word=WORD)
    with pytest.raises(examples.NoExample):
        examples.of_body(schema, SCHEMAS)
    operation = {"requestBody": {"content": {examples.JSON: {"schema": schema}}}}
    examples.write(operation, SCHEMAS)
    assert examples.named(operation) == {}


def test_examples_are_named() -> None:
    operation = {"summary": "说", "requestBody": {"content": {examples.JSON: {"schema": ref("Shown")}}}}
    examples.write(operation, SCHEMAS)
    assert examples.named(operation) == {"example-1": {"a": 1}, "example-2": {"a": 2}}
    examples.write({"summary": "无"}, SCHEMAS)


def test_a_route_may_say_its_own() -> None:
    content = permit("grid.case.read", example={"a": 3})["openapi_extra"]["requestBody"]["content"]
    operation = {
        "requestBody": {"content": {examples.JSON: {"schema": ref("Shown"), **content[examples.JSON]}}}
    }
    examples.write(operation, SCHEMAS)
    assert examples.named(operation) == {"example": {"a": 3}}
