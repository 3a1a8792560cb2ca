"""Who proposes supervision, in tests: says its steps of one handover, each delivered twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from libs.common.contracts import handover as said
from libs.common.contracts.handover import CHANNELS, Contents
from libs.common.db import Database
from libs.common.handover.consumers import handlers
from libs.common.handover.models import IncomingHandover
from libs.common.ids import new_id, stable_id
from services.tasks.supervisions.consumers import RECEIVES
from services.tasks.supervisions.models import Supervision
from tests.tasks.factories import Clock, delivery_of

CODE = "SH-T06"


class Proposer:
    """The side of targets of one handover."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.id = new_id()
        self.target_id = stable_id("target", CODE)
        self.version = 0
        self.hears = handlers("tasks", sends={}, receives=RECEIVES, clock=clock)

    def requested(self, unit_id: UUID | None) -> dict[str, Any]:
        """What a red light says."""
        return {
            "subject_type": "target",
            "subject_id": self.target_id,
            "subject_number": CODE,
            "unit_id": unit_id,
            "area": "310101",
            "due_at": self.clock.now + timedelta(days=30),
            "contents": Contents(
                title="简易喷淋改造进度滞后", description="序时进度 60%，实际 35%", details={"light": "red"}
            ),
        }

    async def propose(self, unit_id: UUID | None) -> Supervision:
        """A light turned red; answers the supervision that it became."""
        await self.say(said.Requested, **self.requested(unit_id))
        return await self.supervision()

    async def say(self, base: type[said.Step], **fields: Any) -> None:
        """One step, delivered twice. It replies to all that the office has said."""
        self.version += 1
        told = {
            "handover_id": self.id,
            "kind": "supervision",
            "replies_to": fields.pop("replies_to", await self._heard()),
            "by": "system:targets",
            "role": "system",
            "happened_at": self.clock.now,
        }
        event = CHANNELS["targets", "tasks"].classes[base].model_validate(told | fields)
        delivery = delivery_of(event, self.id, self.version)
        for _ in range(2):
            await self.database.transact(lambda s: self.hears[type(event)](s, event, delivery))

    async def supervision(self) -> Supervision:
        """The one supervision of the handover as it stands in the database."""
        rows = select(Supervision).where(Supervision.handover_id == self.id)
        (found,) = await self.database.read(lambda s: s.scalars(rows))
        assert isinstance(found, Supervision)
        return found

    async def handover(self) -> IncomingHandover:
        """The receiver's side of the handover."""
        found = await self.database.read(lambda s: s.get(IncomingHandover, self.id))
        assert found is not None
        return found

    async def _heard(self) -> int:
        found = await self.database.read(lambda s: s.get(IncomingHandover, self.id))
        return found.version if found else 0
