"""What a bus is 总线: one small protocol with two adapters, `bus_local` and `bus_kafka`.

A bus hands out batches in the order of each partition, with the mark where the batch begins and the one
where the next begins. The consumer stores the latter with the effect, in its own database, and fences by
the former; `done` tells the bus afterwards. Whatever was handed out and not stored comes again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from libs.common.events.envelope import Message, encode


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One partition of a topic (分区). Order holds inside it. The local bus has one per topic."""

    topic: str
    partition: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Where to go on in a slot: `next` is an offset (Kafka) or a position (local), of that origin."""

    origin: str
    epoch: int
    next: int


NOWHERE = Mark("", 0, 0)
"""The mark of a slot that was never read."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as it came. Without `message` it cannot be read, and `problem` says why."""

    slot: Slot
    offset: int
    message: Message | None
    raw: bytes | None = None
    problem: str = ""

    @property
    def whole(self) -> bytes:
        """The bytes on the wire."""
        if self.raw is not None:
            return self.raw
        return encode(self.message) if self.message else b""


@dataclass(frozen=True, slots=True)
class Restored:
    """A producer's new epoch, found while reading: everything beyond `restored_to` was lost there."""

    producer: str
    epoch: int
    restored_to: int


@dataclass(frozen=True)
class Batch:
    """What was fetched: messages, and per slot the mark before and after all of them."""

    messages: tuple[Incoming, ...] = ()
    before: Mapping[Slot, Mark] = field(default_factory=dict)
    after: Mapping[Slot, Mark] = field(default_factory=dict)
    restored: tuple[Restored, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.messages) or self.after != self.before

    def split(self, index: int) -> tuple[Batch, Batch, Batch]:
        """The messages before `index`, the one at it, and the rest; the last carries the marks of the end."""
        head, one = self._until(index), self._until(index + 1)
        middle = Batch(self.messages[index : index + 1], head.after or self.before, one.after)
        tail = Batch(self.messages[index + 1 :], {**self.before, **one.after}, self.after, self.restored)
        return head, middle, tail

    def _until(self, index: int) -> Batch:
        """The first messages; their marks stand in the epoch of what came before them."""
        after = {
            one.slot: Mark(self.after[one.slot].origin, self.after[one.slot].epoch, one.offset + 1)
            for one in self.messages[:index]
        }
        return Batch(self.messages[:index], self.before, {**self.before, **after} if after else {})


Marks = Callable[[Collection[Slot]], Awaitable[Mapping[Slot, Mark]]]
"""Answers where the consumer stands in these slots: asked at the start and after every rebalance."""


class Bus(Protocol):
    """The reading side of a bus, for one consumer."""

    async def start(self, topics: Collection[str], marks: Marks) -> None:
        """Begin to read the topics where `marks` says. Raises `Forbidden` for a topic not open to us."""

    async def fetch(self, *, limit: int, wait: float) -> Batch:
        """About `limit` messages at most; waits up to `wait` seconds for the first. May be empty."""

    async def done(self, batch: Batch) -> None:
        """The batch's marks are stored."""

    async def again(self) -> None:
        """Forget what was fetched and not stored: go on at the stored marks."""

    async def close(self) -> None:
        """Stop reading."""


class TopicRefused(PermissionError):
    """The bus does not let this reader read the topic: the contract does not name it (无权读取主题)."""
