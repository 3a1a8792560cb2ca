"""Contracts: schemas, the AsyncAPI document, drift, and what breaks a reader."""

from __future__ import annotations

import json
from copy import deepcopy
from enum import StrEnum
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, Field

from libs.common.contracts import EVENTS, TOPICS, open_topics, own_topics
from libs.common.events.asyncapi import document
from libs.common.events.contract import DataClass, Event, Topic
from libs.common.events.contracts import Contracts, run
from libs.common.events.schemas import breaks, envelope_schema, event_schema
from libs.common.events.topics import access_rules, configuration, new_topics

LAMPS = Topic(owner="grid", noun="lamp", data_class=DataClass.PUBLIC, readers=frozenset({"tasks"}))


class Colour(StrEnum):
    """Of a lamp."""

    RED = "red"
    GREEN = "green"


class Bulb(BaseModel):
    """A part of a lamp."""

    watts: int
    maker: str | None = None


class LampLit(Event, topic=LAMPS, verb="lit"):
    """A lamp was lit."""

    colour: Colour
    bulb: Bulb
    note: str = Field(default="", description="Free of personal data")


def schema() -> dict[str, Any]:
    """A fresh copy, to be spoilt."""
    made: dict[str, Any] = json.loads(json.dumps(event_schema(LampLit)))
    return made


class TestBreaks:
    """Only optional additions and comments leave every reader whole."""

    def test_nothing_changed(self) -> None:
        assert breaks(schema(), schema()) == []

    def test_an_optional_field_may_be_added_at_any_depth(self) -> None:
        new = schema()
        new["properties"]["extra"] = {"type": "string"}
        new["$defs"]["Bulb"]["properties"]["colour"] = {"type": "string", "default": ""}
        assert breaks(schema(), new) == []

    def test_what_a_list_holds_is_held_to_the_same(self) -> None:
        old, new = schema(), schema()
        for made in (old, new):
            made["properties"]["bulbs"] = {"type": "array", "items": deepcopy(made["$defs"]["Bulb"])}
        bulb = new["properties"]["bulbs"]["items"]
        bulb["properties"]["colour"] = {"type": "string", "default": ""}
        assert breaks(old, new) == []
        del bulb["properties"]["watts"]
        assert breaks(old, new) == ["bulbs[].watts: removed"]
        new["properties"]["bulbs"]["items"] = {"type": "string"}
        assert "bulbs[]: changed" in breaks(old, new)

    def test_comments_may_change(self) -> None:
        new = schema()
        new["description"] = "otherwise"
        new["properties"]["note"]["description"] = "otherwise"
        assert breaks(schema(), new) == []

    def test_a_required_field_may_not_be_added(self) -> None:
        new = schema()
        new["properties"]["extra"] = {"type": "string"}
        new["required"].append("extra")
        assert breaks(schema(), new) == ["extra: added, and required"]

    def test_a_field_may_not_go(self) -> None:
        new = schema()
        del new["$defs"]["Bulb"]["properties"]["maker"]
        assert breaks(schema(), new) == ["bulb.maker: removed"]

    def test_a_field_may_not_become_required_or_optional(self) -> None:
        new = schema()
        new["required"] = [name for name in new["required"] if name != "colour"] + ["note"]
        assert breaks(schema(), new) == ["note: now required", "colour: no longer required"]

    def test_a_type_may_not_change(self) -> None:
        new = schema()
        new["$defs"]["Bulb"]["properties"]["watts"] = {"type": "number"}
        assert breaks(schema(), new) == ["bulb.watts: changed"]

    def test_an_enumeration_may_not_change(self) -> None:
        new = schema()
        new["$defs"]["Colour"]["enum"].append("blue")
        assert breaks(schema(), new) == ["colour: changed"]


class TestFiles:
    """The command, over a folder of its own."""

    @pytest.fixture
    def contracts(self, tmp_path: Path) -> Contracts:
        """One event, nothing committed."""
        return Contracts(tmp_path, {LampLit.type: LampLit}, {LAMPS.name: LAMPS})

    def test_what_was_written_passes_the_check(self, contracts: Contracts) -> None:
        status, lines = run(["check"], contracts)
        assert status == 1
        assert f"schemas/{LampLit.type}.json" in lines
        assert run(["write"], contracts) == (0, [])
        assert run(["check"], contracts) == (0, [])

    def test_a_changed_file_is_drift(self, contracts: Contracts) -> None:
        run(["write"], contracts)
        (contracts.folder / "cloudevent.json").write_text("{}")
        assert run(["check"], contracts)[1][1:] == ["cloudevent.json"]

    def test_a_break_is_refused_by_both_commands(self, contracts: Contracts) -> None:
        run(["write"], contracts)
        path = contracts.folder / f"schemas/{LampLit.type}.json"
        old = json.loads(path.read_text())
        old["properties"]["gone"] = {"type": "string"}
        path.write_text(json.dumps(old))
        for command in ("check", "write"):
            status, lines = run([command], contracts)
            assert (status, lines[1]) == (1, f"{LampLit.type}: gone: removed")
        assert run(["write", "--anew"], contracts) == (0, [])
        assert run(["check"], contracts) == (0, [])

    def test_a_contract_may_not_vanish(self, contracts: Contracts) -> None:
        run(["write"], contracts)
        without = Contracts(contracts.folder, {}, {})
        assert run(["check"], without)[1][1] == f"{LampLit.type}: removed"
        assert run(["write", "--anew"], without) == (0, [])
        assert not (contracts.folder / f"schemas/{LampLit.type}.json").exists()

    def test_anything_else_is_explained(self, contracts: Contracts) -> None:
        assert run(["dance"], contracts)[0] == 2


class TestRegistry:
    """What the services publish."""

    def test_every_type_names_its_topic(self) -> None:
        for type_, event in EVENTS.items():
            assert type_.startswith(f"cn.jiayuan.{event.topic.owner}.{event.topic.noun}.")
            assert TOPICS[event.topic.name] == event.topic

    def test_equal_names_are_equal_topics(self) -> None:
        assert {event.topic.name: event.topic for event in EVENTS.values()} == TOPICS
        for event in EVENTS.values():
            assert event.topic == TOPICS[event.topic.name]

    def test_every_schema_is_a_schema(self) -> None:
        for event in EVENTS.values():
            jsonschema_rs.meta.validate(event_schema(event))
        jsonschema_rs.meta.validate(envelope_schema())

    def test_topics_of_a_service(self) -> None:
        assert all(topic.owner == "tasks" for topic in own_topics("tasks"))
        assert all("grid" in topic.readers for topic in open_topics("grid"))

    def test_restricted_topics_are_handovers_with_one_reader_and_seven_days(self) -> None:
        for topic in TOPICS.values():
            if topic.data_class is DataClass.RESTRICTED:
                assert len(topic.readers) == 1
                assert topic.retention_days == 7
                assert not topic.compacted


class TestAsyncApi:
    """The document holds together."""

    def test_every_reference_leads_somewhere(self) -> None:
        made = document(EVENTS, TOPICS)
        for channel in made["channels"].values():
            for reference in channel["messages"].values():
                assert (
                    reference["$ref"].removeprefix("#/components/messages/") in made["components"]["messages"]
                )
        for operation in made["operations"].values():
            assert operation["channel"]["$ref"].removeprefix("#/channels/") in made["channels"]

    def test_senders_and_receivers_are_the_contracts(self) -> None:
        made = document({LampLit.type: LampLit}, {LAMPS.name: LAMPS})
        assert set(made["operations"]) == {f"grid.send.{LAMPS.name}", f"tasks.receive.{LAMPS.name}"}


class TestTopics:
    """Settings and rules of the cluster."""

    def test_reference_nouns_are_compacted_and_others_expire(self) -> None:
        whole = Topic(owner="grid", noun="w", data_class=DataClass.PUBLIC, full_state=True, partitions=3)
        brief = Topic(owner="grid", noun="b", data_class=DataClass.RESTRICTED, retention_days=7)
        assert configuration(whole)["cleanup.policy"] == "compact"
        assert configuration(brief)["retention.ms"] == str(7 * 86_400_000)
        assert [(t.name, t.partitions) for t in new_topics([whole], prefix="x.")] == [
            ("x.jiayuan.grid.w.v1", 3)
        ]

    def test_the_owner_writes_and_the_readers_read(self) -> None:
        rules = access_rules([LAMPS], ("grid", "tasks"), prefix="x.")
        said = {(rule.principal, rule.operation.name, rule.resource.name, rule.name) for rule in rules}
        assert said == {
            ("grid", "WRITE", "TOPIC", f"x.{LAMPS.name}"),
            ("tasks", "READ", "TOPIC", f"x.{LAMPS.name}"),
            ("grid", "READ", "GROUP", "x.grid"),
            ("tasks", "READ", "GROUP", "x.tasks"),
        }
