"""What a published event is 事件契约: frozen classes, their topics, their data class.

A service's published events live in `libs/common/contracts/<service>.py`. The class keywords name the
topic and the past participle; the type on the wire follows from both.

>>> BOOKS = Topic(owner="grid", noun="book", data_class=DataClass.PUBLIC, readers=frozenset({"tasks"}))
>>> class BookLent(Event, topic=BOOKS, verb="lent"):
...     title: str
>>> BookLent.type, BOOKS.name
('cn.jiayuan.grid.book.lent.v1', 'jiayuan.grid.book.v1')
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PAYLOAD_LIMIT = 16 * 1024
"""Most bytes of a payload (JSON, UTF-8)."""


class DataClass(StrEnum):
    """How far a fact may travel (数据分级); shared = between services and other systems."""

    PUBLIC = "public"
    SHARED = "shared"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


@dataclass(frozen=True)
class Topic:
    """A stream of one noun's facts. `readers` are the services that may read it; ACLs come from here.

    `full_state`: every event carries the noun's whole state (reference nouns), so any of them is a baseline.
    """

    owner: str
    noun: str
    data_class: DataClass
    readers: frozenset[str] = frozenset()
    full_state: bool = False
    major: int = 1
    retention_days: int | None = None
    partitions: int = 12

    @property
    def name(self) -> str:
        """The name on the bus: `jiayuan.<service>.<noun>.v<major>`."""
        return f"jiayuan.{self.owner}.{self.noun}.v{self.major}"

    @property
    def compacted(self) -> bool:
        """Reference nouns keep their last state for ever; other topics keep a time."""
        return self.full_state


class Event(BaseModel):
    """One published fact. Readers ignore fields that they do not know; fields are only added, optional."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, defer_build=True)

    topic: ClassVar[Topic]
    verb: ClassVar[str]
    type: ClassVar[str]

    happened_at: AwareDatetime = Field(description="When it happened, UTC (发生时间)")

    @classmethod
    def __pydantic_init_subclass__(cls, topic: Topic | None = None, verb: str = "", **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if topic is None:
            return
        cls.topic = topic
        cls.verb = verb
        cls.type = f"cn.jiayuan.{topic.owner}.{topic.noun}.{verb}.v{topic.major}"

    def __init_subclass__(cls, topic: Topic | None = None, verb: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
