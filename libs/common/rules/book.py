"""The book of a service's rules 规则簿: read as typed values, load, change, restate. Never commits.

BOOK = Rulebook(Rule, RuleChanged, owner="grid", check=checked_value, read=rules_of)
limits = await BOOK.in_force(session)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

import yaml
from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.events.contract import Event
from libs.common.events.record import Change, record, restate
from libs.common.policy import Actor, system_actor
from libs.common.rules.domain import ASSUMPTION, RuleFile, RuleRow, RuleUnknown, check_dates
from libs.common.rules.models import RuleTable

Row = TypeVar("Row", bound=RuleTable)
Rules = TypeVar("Rules")

FILE = "rules.yaml"
PARSED = 4
"""States of the rules that are kept parsed."""


class Rulebook(Generic[Row, Rules]):
    """The rules of the service `owner`: rows of `model`, told by the event `told`.

    `check(key, value)` answers a value as it is stored, or raises `RuleUnknown`, `RuleValueInvalid`;
    `read(rows)` makes the typed rules of keys and values; `together` raises what stands against all of them.
    """

    def __init__(
        self,
        model: type[Row],
        told: type[Event],
        *,
        owner: str,
        check: Callable[[str, Mapping[str, Any]], dict[str, Any]],
        read: Callable[[Iterable[tuple[str, Mapping[str, Any]]]], Rules],
        together: Callable[[Rules], None] = lambda rules: None,
    ) -> None:
        self.model = model
        self.told = told
        self.actor = system_actor(owner)
        self.check = check
        self.together = together
        # They follow from the text alone, so that one state is read once.
        self.parsed = lru_cache(maxsize=PARSED)(lambda text: read(json.loads(text).items()))
        pairs = func.json_object_agg(model.key, aggregate_order_by(model.value, model.key))
        self._as_text = select(cast(pairs, Text))

    async def in_force(self, session: AsyncSession) -> Rules:
        """The rules in force, typed."""
        return self.parsed(await session.scalar(self._as_text) or "{}")

    async def all(self, session: AsyncSession) -> Sequence[Row]:
        """Every rule as it is stored, by key."""
        return (await session.scalars(select(self.model).order_by(self.model.key))).all()

    async def for_update(self, session: AsyncSession, key: str) -> Row:
        """The rule, locked. Raises `RuleUnknown`."""
        rule = await self._find(session, key)
        if rule is None:
            raise RuleUnknown(key=key)
        return rule

    async def load(self, session: AsyncSession, folder: Path) -> str:
        """Load `rules.yaml`. A rule that was changed since the file's date stays."""
        file = RuleFile.model_validate(yaml.safe_load((folder / FILE).read_text("utf-8")))
        changed = 0
        for row in file.rules:
            checked = row.model_copy(update={"value": self.check(row.key, row.value)})
            rule = await self._find(session, row.key)
            if rule is not None and (
                rule.value == checked.value or rule.effective_from >= file.effective_from
            ):
                continue
            await self._put(session, rule, checked, file.effective_from, (self.actor, utc_now()))
            changed += 1
        return f"rules: {len(file.rules)} read, {changed} changed"

    async def change(
        self, session: AsyncSession, row: RuleRow, effective_from: date, *, actor: Actor, now: datetime
    ) -> Row:
        """Change a rule (修改规则), at once. The caller has checked its version; `now` is UTC.

        Raises `RuleUnknown`, `RuleValueInvalid`, `RuleNotYet`, `RuleBeforeLast`.
        """
        rule = await self.for_update(session, row.key)
        check_dates(effective_from, rule.effective_from, local_date(now))
        checked = row.model_copy(update={"value": self.check(row.key, row.value)})
        changed = await self._put(session, rule, checked, effective_from, (actor, now))
        self.together(await self.in_force(session))
        return changed

    async def restate(self, session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
        """Say again how the next rules stand. Answers the last id, None at the end."""
        query = select(self.model).order_by(self.model.id).limit(limit).with_for_update()
        if after is not None:
            query = query.where(self.model.id > after)
        rows = (await session.scalars(query)).all()
        for rule in rows:
            await restate(session, rule, self._state(rule, utc_now()), actor=self.actor)
        return rows[-1].id if rows else None

    async def _find(self, session: AsyncSession, key: str) -> Row | None:
        return await session.scalar(select(self.model).where(self.model.key == key).with_for_update())

    async def _put(
        self,
        session: AsyncSession,
        rule: Row | None,
        row: RuleRow,
        effective_from: date,
        by: tuple[Actor, datetime],
    ) -> Row:
        actor, now = by
        before = None if rule is None else rule.value
        if rule is None:
            rule = self.model()
            rule.key = row.key
            session.add(rule)
        rule.value, rule.source, rule.effective_from = row.value, row.source, effective_from
        rule.assumption = row.source == ASSUMPTION
        await session.flush()
        change = Change("change-rule", fields={"from": before, "to": rule.value})
        await record(session, rule, self._state(rule, now), actor=actor, now=now, change=change)
        return rule

    def _state(self, rule: Row, now: datetime) -> Event:
        return self.told(
            happened_at=now, key=rule.key, value=rule.value, source=rule.source,
            assumption=rule.assumption, effective_from=rule.effective_from,
        )  # fmt: skip
