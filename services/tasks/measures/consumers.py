"""What the measures keep of `targets`: what they link to."""

from __future__ import annotations

from libs.common.contracts.targets import TargetChanged
from libs.common.events.projection import Projection
from libs.common.service import Handlers
from services.tasks.measures.models import KnownTarget

TARGETS = Projection(KnownTarget)

HANDLERS: Handlers = {TargetChanged: TARGETS}
