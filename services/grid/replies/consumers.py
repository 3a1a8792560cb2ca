"""What grid hears of cases that units have."""

from __future__ import annotations

from collections.abc import Mapping

from libs.common.handover.consumers import SenderHooks
from services.grid.dispatches.domain import HANDOVER_KIND, REPAIR_KIND
from services.grid.replies import service

_UNIT = SenderHooks(
    on_signed=service.signed,
    on_return_asked=service.returned,
    on_first_contact=service.contacted,
    on_progress=service.progressed,
    on_extension_asked=service.extension_asked,
    on_answered=service.answered,
)
HOOKS: Mapping[str, SenderHooks] = dict.fromkeys((HANDOVER_KIND, REPAIR_KIND), _UNIT)
"""By kind of handover."""
