"""What grid hears of cases that mediation has."""

from __future__ import annotations

from collections.abc import Mapping

from libs.common.handover.consumers import SenderHooks
from services.grid.conversions import service
from services.grid.conversions.domain import KIND
from services.grid.replies import service as replies

HOOKS: Mapping[str, SenderHooks] = {
    KIND: SenderHooks(
        on_signed=replies.signed,
        on_progress=replies.progressed,
        on_return_asked=service.returned,
        on_answered=service.answered,
        on_restated=service.restated,
    )
}
"""By kind of handover."""
