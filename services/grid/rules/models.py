"""Tables of the rules."""

from __future__ import annotations

from libs.common.rules.models import RuleTable
from services.grid.base import Base


class Rule(RuleTable, Base):
    """One rule of the grid's work (网格工作规则); former values stand in its history."""
