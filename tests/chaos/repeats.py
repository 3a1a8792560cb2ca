"""Repeats 重复请求: the same operation three times at once and once more later, answers lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.arena import Arena
from tests.chaos.figures import say
from tests.chaos.journeys import entry, registration, report
from tests.chaos.ledger import accounts
from tests.chaos.load import Load, Request

AT_ONCE = 3
OPERATIONS_AT_ONCE = 6
LOSSES = 0.2


@dataclass(frozen=True)
class Repeated:
    """What came of it. `unlike`: operations that were answered in more than one way."""

    operations: int
    answers: int
    lost: int
    unlike: int


async def repeats(arena: Arena) -> Repeated:
    """Send everything three times at once, and once more at the end; a fifth of the answers is lost."""
    load = arena.load
    kinds = (lambda: report(load), entry, lambda: registration(load))
    requests = [kinds[number % len(kinds)]() for number in range(arena.sizes.operations)]
    say(f"{arena.bus}: {len(requests)} operations, {AT_ONCE} times at once and once more")
    for proxy in arena.proxies.values():
        proxy.losses = LOSSES
    try:
        await _all(load, [each for request in requests for each in [request] * AT_ONCE])
        await _all(load, requests)
    finally:
        for proxy in arena.proxies.values():
            proxy.losses = 0.0
    told = accounts(arena.book)
    ours = [told[request.write.id] for request in requests]
    return Repeated(
        len(requests),
        sum(len(account.answers) for account in ours),
        sum(account.unknown for account in ours),
        sum(len(set(account.answers)) != 1 for account in ours),
    )


async def _all(load: Load, requests: Sequence[Request]) -> None:
    """Neighbours in the list go out together."""
    waiting = iter(requests)

    async def work() -> None:
        for request in waiting:
            await load.send(request)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE * OPERATIONS_AT_ONCE):
            group.create_task(work())
