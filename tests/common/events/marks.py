"""What every bus must keep when the consumer's own database is away: nothing is passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

import pytest

from libs.common.db import DatabaseAway
from libs.common.events.bus import NOWHERE, Mark, Slot
from tests.common.events.nouns import SHELVES, shelves
from tests.common.events.rig import PATIENCE, Rig


class MarksCompliance:
    """Part of the suite of all buses: the marks are stored elsewhere, and cannot always be read."""

    async def test_what_was_fetched_and_not_stored_comes_again(self, rig: Rig) -> None:
        """The batch fails, and the marks cannot be read either: the next fetch must not go on behind it."""
        away = False
        stored: dict[Slot, Mark] = {}

        async def marks(slots: Collection[Slot]) -> Mapping[Slot, Mark]:
            if away:
                raise DatabaseAway
            return {slot: stored.get(slot, NOWHERE) for slot in slots}

        await shelves(rig.producer, 6)
        await rig.deliver()
        bus = rig.bus()
        await bus.start([SHELVES.name], marks)
        seen: list[int] = []
        async with asyncio.timeout(3 * PATIENCE):
            while len(seen) < 6:
                await bus.fetch(limit=2, wait=1)
                away = True
                with pytest.raises(DatabaseAway):
                    await bus.again()
                away = False
                # Partitions may answer in another order: what was lost to the failure would never come.
                repeated = await bus.fetch(limit=2, wait=1)
                stored |= repeated.after
                await bus.done(repeated)
                seen += [one.message.position for one in repeated.messages if one.message]
        assert sorted(seen) == [1, 2, 3, 4, 5, 6]
        await bus.close()
