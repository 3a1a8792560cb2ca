"""What routing keeps of `tasks`: the units and the duty list."""

from __future__ import annotations

from libs.common.contracts.tasks import DutyChanged, UnitChanged
from libs.common.events.projection import Projection
from libs.common.service import Handlers
from services.grid.routing.models import KnownDuty, KnownUnit

UNITS = Projection(KnownUnit)
DUTIES = Projection(KnownDuty)

HANDLERS: Handlers = {UnitChanged: UNITS, DutyChanged: DUTIES}
