"""Tables of the rules."""

from __future__ import annotations

from libs.common.rules.models import RuleTable
from services.targets.base import Base


class Rule(RuleTable, Base):
    """One rule of the targets' work (目标管理规则); former values stand in its history."""
