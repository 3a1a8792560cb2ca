"""Devices that send their queues shuffled, twice, in pieces, and do not always hear the answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx

from tests.grid.syncs.device import Item, put

CUT_SECONDS = 0.05
"""Within this time a connection that is cut is cut."""


MOST_TRIES = 300


class Device:
    """One inspector's device. On a conflict it sends again from the version that stands, or gives up."""

    def __init__(self, client: httpx.AsyncClient, subject: str, seed: int) -> None:
        self.client = client
        self.subject = subject
        self.chance = random.Random(seed)
        self.queue: list[Item] = []
        self.done: dict[str, Item] = {}
        self.conflicts: dict[str, int] = {}
        self.given_up: set[str] = set()

    async def empty(self) -> None:
        """Send until nothing is left."""
        for _ in range(MOST_TRIES):
            if not self.queue:
                return
            wanted = min(len(self.queue), self.chance.randint(1, 10))
            piece = self.chance.sample(self.queue, wanted)
            piece += self.chance.choices(piece, k=self.chance.randint(0, 2))
            heard = {item["operation_id"]: (item, outcome) for item, outcome in await self._heard(piece)}
            for item, outcome in heard.values():
                self._settle(item, outcome)

        raise AssertionError(f"never carried out: {self.queue}")

    async def _heard(self, piece: Sequence[Item]) -> list[tuple[Item, dict[str, Any]]]:
        """What came back, if anything did."""
        fate = self.chance.random()
        if fate < 0.2:  # the connection breaks at any moment
            with suppress(TimeoutError):
                await asyncio.wait_for(self._send(piece), self.chance.random() * CUT_SECONDS)
            return []
        if fate < 0.3:  # the answer is lost
            await self._send(piece)
            return []
        if fate < 0.5:  # an impatient device
            both = await asyncio.gather(self._send(piece), self._send(piece[::-1]))
            return both[0]
        return await self._send(piece)

    async def _send(self, piece: Sequence[Item]) -> list[tuple[Item, dict[str, Any]]]:
        answer = await put(self.client, piece, self.subject)
        assert answer.status_code == 200, answer.text
        return list(zip(piece, answer.json()["items"], strict=True))

    def _settle(self, item: Item, outcome: dict[str, Any]) -> None:
        name, status = item["operation_id"], outcome["status"]
        code = outcome["problem"] and outcome["problem"]["code"]
        if name in self.given_up:
            return  # with what it stood behind
        if status in (200, 201):
            self.queue.remove(item)
            self.done[name] = item | {"version": outcome["version"]}
        elif status == 412:
            assert outcome["version"] != item.get("base_version")
            self.conflicts[name] = outcome["version"]
            self._again(item, outcome["version"])
        else:
            assert code in ("prior-operation-failed", "prior-operation-unknown"), outcome

    def _again(self, item: Item, version: int) -> None:
        if self.chance.random() < 0.7:
            item.pop("after", None)
            item["base_version"] = version
        else:
            self._give_up(item)

    def _give_up(self, item: Item) -> None:
        """And whatever stands behind it."""
        self.queue.remove(item)
        self.given_up.add(item["operation_id"])
        for other in [one for one in self.queue if one.get("after") == item["operation_id"]]:
            self._give_up(other)
