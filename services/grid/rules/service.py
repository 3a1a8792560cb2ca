"""Use cases of the rules: load, change, look up. Nothing here commits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.grid import RuleChanged
from libs.common.events.record import Change, record, restate
from libs.common.policy import Actor, system_actor
from services.grid.rules import repository
from services.grid.rules.domain import (
    ASSUMPTION,
    RuleFile,
    RuleRow,
    Rules,
    RuleUnknown,
    check_dates,
    check_together,
    checked_value,
    rules_of,
)
from services.grid.rules.models import Rule as Rule

GRID = system_actor("grid")


async def rules(session: AsyncSession) -> Rules:
    """The rules of the grid's work in force."""
    return _read_once(await repository.all_as_json(session))


@lru_cache(maxsize=4)
def _read_once(told: str) -> Rules:
    """The rules of a JSON object: they follow from the text alone, so that it is read once."""
    values: dict[str, Any] = json.loads(told)
    return rules_of(values.items())


async def all_rules(session: AsyncSession) -> Sequence[Rule]:
    """Every rule as it is stored."""
    return await repository.list_rules(session)


async def load_rules(session: AsyncSession, folder: Path) -> str:
    """Load `rules.yaml`. A rule that was changed since the file's date stays."""
    file = _read(folder)
    changed = 0
    for row in file.rules:
        value = checked_value(row.key, row.value)
        rule = await repository.get_rule_for_update(session, row.key)
        if rule is not None and (rule.value == value or rule.effective_from >= file.effective_from):
            continue
        await _put_rule(session, rule, row.model_copy(update={"value": value}), file.effective_from, GRID)
        changed += 1
    return f"rules: {len(file.rules)} read, {changed} changed"


async def change_rule(
    session: AsyncSession, row: RuleRow, effective_from: date, *, actor: Actor, now: datetime
) -> Rule:
    """Change a rule (修改规则), at once. The caller has checked its version.

    Raises `RuleUnknown`, `RuleValueInvalid`, `RuleNotYet`, `RuleBeforeLast`.
    """
    rule = await rule_for_update(session, row.key)
    check_dates(effective_from, rule.effective_from, local_date(now))
    checked = row.model_copy(update={"value": checked_value(row.key, row.value)})
    changed = await _put_rule(session, rule, checked, effective_from, actor, now)
    check_together(await rules(session))
    return changed


async def rule_for_update(session: AsyncSession, key: str) -> Rule:
    """The rule, locked. Raises `RuleUnknown`."""
    rule = await repository.get_rule_for_update(session, key)
    if rule is None:
        raise RuleUnknown(key=key)
    return rule


async def _put_rule(
    session: AsyncSession,
    rule: Rule | None,
    row: RuleRow,
    effective_from: date,
    actor: Actor,
    now: datetime | None = None,
) -> Rule:
    now = now or utc_now()
    before = None if rule is None else rule.value
    if rule is None:
        rule = Rule(key=row.key)
    rule.value, rule.source, rule.effective_from = row.value, row.source, effective_from
    rule.assumption = row.source == ASSUMPTION
    await repository.add(session, rule)
    change = Change("change-rule", fields={"from": before, "to": rule.value})
    await record(session, rule, _state(rule, now), actor=actor, now=now, change=change)
    return rule


async def restate_rules(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next rules stand. Answers the last id, None at the end."""
    rows = await repository.list_after(session, after, limit)
    for rule in rows:
        await restate(session, rule, _state(rule, utc_now()), actor=GRID)
    return rows[-1].id if rows else None


def _state(rule: Rule, now: datetime) -> RuleChanged:
    return RuleChanged(
        happened_at=now, key=rule.key, value=rule.value, source=rule.source,
        assumption=rule.assumption, effective_from=rule.effective_from,
    )  # fmt: skip


def _read(folder: Path) -> RuleFile:
    return RuleFile.model_validate(yaml.safe_load((folder / "rules.yaml").read_text("utf-8")))
