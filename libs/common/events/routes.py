"""Which handler hears which event 事件路由, and how one message is handed to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.contract import DataClass, Topic
from libs.common.events.envelope import Message
from libs.common.events.gate import Arrival
from libs.common.events.projection import Projection, Told
from libs.common.service import Delivery, Handlers
from libs.common.tracing import child_of, trace


@dataclass
class Kept:
    """What a batch brings to projections, until it is written."""

    rows: dict[Projection, list[Told]] = field(default_factory=dict)

    def add(self, projection: Projection, told: Told) -> None:
        """Put it to the others of its kind."""
        self.rows.setdefault(projection, []).append(told)

    async def write(self, session: AsyncSession) -> None:
        """One statement for each projection."""
        for projection, told in self.rows.items():
            await projection.keep(session, told)
        self.rows.clear()


class Routes:
    """The handlers of one consumer by event type, and the topics that it reads because of them."""

    def __init__(self, handlers: Handlers, *, also: Collection[Topic] = ()) -> None:
        self._by_type = {event.type: (event, handler) for event, handler in handlers.items()}
        self._topics = {topic.name: topic for topic in (*(event.topic for event in handlers), *also)}

    @property
    def topics(self) -> tuple[str, ...]:
        """The names of the topics, in order."""
        return tuple(sorted(self._topics))

    def data_class(self, topic: str) -> DataClass:
        """The class that a message of the topic keeps wherever it lies."""
        return self._topics[topic].data_class

    def arrival(self, message: Message) -> Arrival:
        """What the version gate must know of the message."""
        whole = message.restated or self._topics[message.topic].full_state
        return Arrival(message.epoch, message.version, whole)

    async def handle(self, session: AsyncSession, message: Message, kept: Kept) -> None:
        """Give the message to its handler, under its trace. Nobody's and erased ones pass.

        What goes into a projection is only put to `kept`; it is written before the next handler runs.
        Raises what the handler raises, and `ValidationError` for data that the contract does not allow.
        """
        found = self._by_type.get(message.type)
        if found is None or message.data is None:
            return
        event, handler = found
        parsed = event.model_validate_json(message.data)
        if isinstance(handler, Projection):
            kept.add(handler, (message.aggregate_id, parsed))
            return
        await kept.write(session)
        with trace(child_of(message.traceparent)):
            await handler(session, parsed, _delivery(message))
            await session.flush()


def _delivery(message: Message) -> Delivery:
    return Delivery(
        event_id=message.event_id,
        topic=message.topic,
        aggregate_id=message.aggregate_id,
        version=message.version,
        epoch=message.epoch,
        position=message.position,
        time=message.time,
        restated=message.restated,
    )
