"""Composes plausible requests from the document: its examples, and ids and times that mean something.

Text made at random is refused at the first look into a catalogue; with the document's own examples, which the
gate keeps true, a request goes all the way into the life cycle.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from libs.common.ids import new_id

OPTIONAL = 0.4
"""Share of the optional fields that are sent."""
OTHER = 0.1
"""Share of examples that are passed over for another value of the type."""

Document = Mapping[str, Any]


class Composer:
    """Bodies by the luck of the seed. `known` holds what fields of a name may say."""

    def __init__(self, document: Document, luck: random.Random, known: dict[str, list[Any]]) -> None:
        self._document = document
        self._luck = luck
        self.known = known

    def with_luck(self, luck: random.Random) -> Composer:
        """The same, by another luck."""
        return Composer(self._document, luck, self.known)

    def body(self, operation: Mapping[str, Any], now: datetime) -> Any:
        """A body for the operation of the document, or None if it takes none."""
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return None if schema is None else self._value("", schema, now)

    def _value(self, name: str, schema: Mapping[str, Any], now: datetime) -> Any:
        if self.known.get(name) and self._luck.random() > OTHER:
            return self._luck.choice(self.known[name])
        if schema.get("examples") and self._luck.random() > OTHER:
            return self._luck.choice(schema["examples"])
        if "$ref" in schema:
            named: Mapping[str, Any] = self._document["components"]["schemas"][
                schema["$ref"].rpartition("/")[2]
            ]
            return self._value(name, named, now)
        several: Sequence[Mapping[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or ()
        if several:
            return self._value(name, self._luck.choice(several), now)
        if "enum" in schema or "const" in schema:
            return self._luck.choice(schema.get("enum") or [schema["const"]])
        return self._typed(name, schema, now)

    def _typed(self, name: str, schema: Mapping[str, Any], now: datetime) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, now)
        if kind == "array":
            least = schema.get("minItems", 0)
            return [
                self._value(name, schema["items"], now) for _ in range(self._luck.choice((least, least, 1)))
            ]
        if kind == "string":
            return self._text(schema, now)
        return {
            "integer": schema.get("minimum", 1),
            "number": schema.get("minimum", 1.5),
            "boolean": self._luck.random() < 0.5,
        }.get(str(kind))

    def _object(self, schema: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        needed = set(schema.get("required", ()))
        return {
            name: self._value(name, field, now)
            for name, field in schema.get("properties", {}).items()
            if name in needed or self._luck.random() < OPTIONAL
        }

    def _text(self, schema: Mapping[str, Any], now: datetime) -> str:
        form = schema.get("format")
        if form == "uuid":
            return str(new_id())
        moment = now + timedelta(hours=self._luck.choice((-30, -1, 1, 5, 48, 400)))
        if form == "date-time":
            return moment.isoformat()
        if form == "date":
            return moment.date().isoformat()
        return self._luck.choice(("现场情况说明", "a", "12", "x" * schema.get("minLength", 3)))
