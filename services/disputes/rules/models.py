"""Tables of the rules."""

from __future__ import annotations

from libs.common.rules.models import RuleTable
from services.disputes.base import Base


class Rule(RuleTable, Base):
    """One rule of mediation (调解规则); former values stand in its history."""
