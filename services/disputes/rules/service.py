"""Use cases of the rules of mediation: look up, load, change, restate. Nothing here commits."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.disputes import RuleChanged
from libs.common.rules.book import Rulebook
from services.disputes.rules.domain import Rules, checked_value, rules_of
from services.disputes.rules.models import Rule as Rule

BOOK: Rulebook[Rule, Rules] = Rulebook(
    Rule, RuleChanged, owner="disputes", check=checked_value, read=rules_of
)

rules = BOOK.in_force
all_rules = BOOK.all
rule_for_update = BOOK.for_update
change_rule = BOOK.change
restate_rules = BOOK.restate


async def load(session: AsyncSession, folder: Path) -> str:
    """Load `rules.yaml`. A rule that was changed since the file's date stays."""
    return await BOOK.load(session, folder)
