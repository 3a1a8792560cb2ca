"""What the calendar keeps of `tasks`: its years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.contracts.tasks import CalendarChanged
from libs.common.events.projection import Projection
from libs.common.service import Handlers
from services.grid.calendars.models import KnownCalendarYear


def by_day(event: CalendarChanged) -> Mapping[str, Any]:
    """The days by their ISO 8601 dates."""
    return {"overrides": {day.isoformat(): worked for day, worked in event.overrides.items()}}


YEARS = Projection(KnownCalendarYear, by_day)

HANDLERS: Handlers = {CalendarChanged: YEARS}
