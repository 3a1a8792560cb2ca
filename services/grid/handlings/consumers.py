"""What grid hears of first contacts that units made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from libs.common.handover.consumers import SenderHooks
from services.grid.dispatches.domain import HANDOVER_KIND, REPAIR_KIND
from services.grid.handlings import service


def with_orders(hooks: Mapping[str, SenderHooks]) -> Mapping[str, SenderHooks]:
    """The hooks of the cases' handovers, with what follows from a first contact for a hotline order."""
    of_units = (HANDOVER_KIND, REPAIR_KIND)
    contacted = {kind: replace(hooks[kind], on_first_contact=service.unit_contacted) for kind in of_units}
    return {**hooks, **contacted}
