"""The book 台账: what was done, story by story, and what has to be found afterwards."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.demo.client import LOOK_SECONDS, Late, Refused
from services.demo.people import Person

SERVICES = ("grid", "tasks", "disputes", "targets")
SETTLE_SECONDS = 120.0

Holds = Callable[[Any], bool]


@dataclass(frozen=True)
class Expected:
    """A record that was sent, who may read it where, and what it has to say at the end of the day."""

    service: str
    what: str
    person: Person
    path: str
    holds: Holds


@dataclass(frozen=True)
class Line:
    """A line of the closing table."""

    service: str
    what: str
    sent: int
    found: int

    @property
    def adds_up(self) -> bool:
        """Whether everything that was sent is there."""
        return self.sent == self.found


@dataclass
class Book:
    """Written by all stories at once."""

    happened: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    expected: list[Expected] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)

    def expect(self, what: str, person: Person, path: str, holds: Holds = bool) -> None:
        """The record at `path` has to hold this at the end; the service is the path's first part."""
        self.expected.append(Expected(path.split("/")[1], what, person, path, holds))

    async def recount(self, seconds: float = SETTLE_SECONDS) -> list[Line]:
        """Ask the services for every record; what is on its way gets so many seconds to arrive."""
        deadline = time.monotonic() + seconds
        missing = list(self.expected)
        while missing:
            there = await asyncio.gather(*(_there(each) for each in missing))
            missing = [each for each, found in zip(missing, there, strict=True) if not found]
            if missing and time.monotonic() > deadline:
                break
            if missing:
                await asyncio.sleep(LOOK_SECONDS)
        return self._lines(missing)

    def _lines(self, missing: Sequence[Expected]) -> list[Line]:
        sent = Counter((each.service, each.what) for each in self.expected)
        lost = Counter((each.service, each.what) for each in missing)
        ordered = sorted(sent, key=lambda key: SERVICES.index(key[0]))
        return [Line(*key, sent[key], sent[key] - lost[key]) for key in ordered]


async def _there(expected: Expected) -> bool:
    try:
        return expected.holds(await expected.person.get(expected.path))
    except Refused:
        return False


@dataclass
class Story:
    """One story's page of the book. `noted("grid", "上报 reported")` counts what happened where."""

    title: str
    book: Book

    def noted(self, service: str, what: str) -> None:
        """One more of these."""
        self.book.happened[self.title][service, what] += 1

    async def guarded(self, journey: Awaitable[None]) -> None:
        """Go through with one journey; what stops it is written down and stops no other."""
        try:
            await journey
        except (Refused, Late, LookupError) as error:
            self.book.failures.append((self.title, f"{type(error).__name__}: {error}"))
