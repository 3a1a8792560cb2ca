"""Wake-ups inside one process 进程内唤醒: a hint that saves the wait for the next poll, never a delivery.

>>> import asyncio
>>> async def example() -> bool:
...     committed = Signal()
...     seen = committed.seen()
...     committed.set()
...     return await committed.after(seen, 1.0)
>>> asyncio.run(example())
True
"""

from __future__ import annotations

import asyncio


class Signal:
    """Wakes everyone who waits. What is set between a poll and the wait is not lost: ask `seen` before."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def seen(self) -> asyncio.Event:
        """What to hand to `after`; taken before the poll."""
        return self._event

    def set(self) -> None:
        """Wake whoever waits now."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def after(self, seen: asyncio.Event, seconds: float) -> bool:
        """Wait until the signal was set after `seen` was taken, at most `seconds`; whether it was."""
        try:
            await asyncio.wait_for(seen.wait(), seconds)
        except TimeoutError:
            return False
        return True
