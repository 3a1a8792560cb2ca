"""What goes out by itself: outside every transaction, since a gateway takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from prometheus_client import Counter

from libs.common.service import Errand, Outside
from services.grid.deliveries import service
from services.grid.deliveries.clients import Gateway, gateways
from services.grid.deliveries.domain import Message, Outcome
from services.grid.deliveries.service import Way

DELIVERED = Counter(
    "jiayuan_notices_total", "Tries to send a notice, by what came of it", ["channel", "result"]
)
PATH = "/grid/v1/public/links/{token}"


async def deliver(outside: Outside, now: datetime) -> int:
    """Send what is due (发送通知). Answers how many messages went out or were tried."""
    settings = outside.settings
    found = gateways(settings)
    way = Way(found.keys(), settings.notice_link or f"{settings.public_url}{PATH}")
    messages = await outside.database.transact(partial(service.take, way=way, now=now))
    if messages:
        outcomes = await asyncio.gather(*(_send(found, message) for message in messages))
        settled = {message.id: one for message, one in zip(messages, outcomes, strict=True)}
        await outside.database.transact(partial(service.settle, outcomes=settled, now=now))
    return len(messages)


async def _send(found: Mapping[str, Gateway], message: Message) -> Outcome:
    outcome = await found[message.channel].send(message)
    DELIVERED.labels(message.channel.value, outcome.why.value if outcome.why else "sent").inc()
    return outcome


ERRANDS = (Errand("notices", timedelta(seconds=2), deliver),)
