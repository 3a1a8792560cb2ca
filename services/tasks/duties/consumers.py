"""What the duty list keeps of `grid`: the categories."""

from __future__ import annotations

from libs.common.contracts.grid import CategoryChanged
from libs.common.events.projection import Projection
from libs.common.service import Handlers
from services.tasks.duties.models import KnownCategory

CATEGORIES = Projection(KnownCategory)

HANDLERS: Handlers = {CategoryChanged: CATEGORIES}
