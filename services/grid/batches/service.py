"""Use cases of the batch. Nothing here commits: the edge gives each case a transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.grid.dispatches.domain import Order
from services.grid.joints import service as joints
from services.grid.joints.domain import Partner
from services.grid.syncs.service import Operation, stepped

PERMISSION = "grid.case.dispatch"


@dataclass(frozen=True)
class Asked:
    """What is asked of one case, and from which version of it (逐案派遣)."""

    id: UUID
    case_id: UUID
    base_version: int
    order: Order
    partners: tuple[Partner, ...]
    fingerprint: bytes


def operation_of(asked: Asked) -> Operation:
    """As the queue takes it: done once, refused alone; it does what dispatching the one case does."""
    return Operation(
        id=asked.id,
        case_id=asked.case_id,
        permission=PERMISSION,
        fingerprint=asked.fingerprint,
        work=lambda session, by: stepped(
            joints.dispatch(session, asked.case_id, asked.order, asked.partners, by=by)
        ),
        base_version=asked.base_version,
    )
