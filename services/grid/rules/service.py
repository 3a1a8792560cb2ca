"""Use cases of the rules of the grid's work: look up, load, change, restate. Nothing here commits."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.grid import RuleChanged
from libs.common.rules.book import Rulebook
from services.grid.rules.domain import Rules, check_together, checked_value, rules_of
from services.grid.rules.models import Rule as Rule

BOOK: Rulebook[Rule, Rules] = Rulebook(
    Rule, RuleChanged, owner="grid", check=checked_value, read=rules_of, together=check_together
)

rules = BOOK.in_force
parsed = BOOK.parsed
all_rules = BOOK.all
rule_for_update = BOOK.for_update
change_rule = BOOK.change
restate_rules = BOOK.restate


async def load_rules(session: AsyncSession, folder: Path) -> str:
    """Load `rules.yaml`. A rule that was changed since the file's date stays."""
    return await BOOK.load(session, folder)
