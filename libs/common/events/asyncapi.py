"""The AsyncAPI document 异步接口文档: every topic, who sends and who receives it, and its messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.events.contract import Event, Topic
from libs.common.events.envelope import CONTENT_TYPE
from libs.common.events.topics import configuration

VERSION = "3.0.0"


def document(events: Mapping[str, type[Event]], topics: Mapping[str, Topic]) -> dict[str, Any]:
    """The document; schemas are referred to by their committed files."""
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "家园 Jiayuan events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in structured JSON; key and order by subject. 事件契约。",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: _channel(topic, events) for name, topic in sorted(topics.items())},
        "operations": dict(_operations(topics)),
        "components": {
            "messages": {type_: _message(event) for type_, event in sorted(events.items())},
        },
    }


def _channel(topic: Topic, events: Mapping[str, type[Event]]) -> dict[str, Any]:
    mine = sorted(type_ for type_, event in events.items() if event.topic.name == topic.name)
    settings = configuration(topic)
    return {
        "address": topic.name,
        "title": f"{topic.owner} {topic.noun}",
        "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in mine},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [settings["cleanup.policy"]],
                    **({"retention.ms": int(settings["retention.ms"])} if "retention.ms" in settings else {}),
                },
                "bindingVersion": "0.5.0",
            }
        },
        "x-data-class": topic.data_class.value,
        "x-full-state": topic.full_state,
    }


def _operations(topics: Mapping[str, Topic]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for name, topic in sorted(topics.items()):
        channel = {"$ref": f"#/channels/{name}"}
        found.append((f"{topic.owner}.send.{name}", {"action": "send", "channel": channel}))
        found += [
            (f"{reader}.receive.{name}", {"action": "receive", "channel": channel})
            for reader in sorted(topic.readers)
        ]
    return found


def _message(event: type[Event]) -> dict[str, Any]:
    summary = (event.__doc__ or "").strip().splitlines()
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": summary[0] if summary else event.__name__,
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "cloudevent.json"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": event.type},
                        "data": {"$ref": f"schemas/{event.type}.json"},
                    },
                },
            ]
        },
    }
