"""What grid hears of first contacts that units made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from libs.common.handover.consumers import SenderHooks
from services.grid.dispatches.domain import HANDOVER_KIND
from services.grid.handlings import service


def with_orders(hooks: Mapping[str, SenderHooks]) -> Mapping[str, SenderHooks]:
    """The hooks of the cases' handovers, with what follows from a first contact for a hotline order."""
    case_task = replace(hooks[HANDOVER_KIND], on_first_contact=service.unit_contacted)
    return {**hooks, HANDOVER_KIND: case_task}
