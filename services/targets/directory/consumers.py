"""What the directory keeps of `tasks` and `grid`: units and areas."""

from __future__ import annotations

from libs.common.contracts.places import AreaChanged
from libs.common.contracts.tasks import UnitChanged
from libs.common.events.projection import Projection
from libs.common.service import Handlers
from services.targets.directory.models import KnownArea, KnownUnit

UNITS = Projection(KnownUnit)
AREAS = Projection(KnownArea)

HANDLERS: Handlers = {UnitChanged: UNITS, AreaChanged: AREAS}
