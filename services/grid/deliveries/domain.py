"""Where somebody can be told, what a gateway is given, when to try again. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.grid.notices.domain import WORDS, Why
from services.grid.rules.domain import Noticing
from services.grid.templates.domain import Channel, Occasion

LEASE = timedelta(minutes=5)
"""How long one worker has a notice in hand before another one tries."""


def next_try(now: datetime, attempts: int, rule: Noticing) -> datetime | None:
    """When to try again after so many tries (UTC), None to give up."""
    waits = rule.retry_minutes
    return now + timedelta(minutes=waits[attempts - 1]) if attempts <= len(waits) else None


_MOBILE = re.compile(r"1[3-9]\d{9}|\+[1-9]\d{6,14}")


@dataclass(frozen=True)
class Address:
    """Where somebody can be told (联系方式): personal data, held only while a message goes out."""

    subject: str | None = None
    phone: str | None = None
    email: str | None = None

    def by(self, channel: Channel) -> str | None:
        """What the channel's gateway wants; a landline takes no text message."""
        mobile = self.phone if self.phone and _MOBILE.fullmatch(self.phone) else None
        reach = {Channel.SMS: mobile, Channel.EMAIL: self.email, Channel.WECHAT: self.subject or mobile}
        return reach.get(channel)


@dataclass(frozen=True)
class Message:
    """What a gateway is given (消息). `id` stays the same when it is tried again."""

    id: UUID
    channel: Channel
    occasion: Occasion
    to: str = field(repr=False)
    subject: str | None
    body: str = field(repr=False)
    at: datetime


def summary(occasions: Sequence[str]) -> str:
    """What a digest tells of: how many of which (汇总摘要).

    >>> summary(["overdue", "returned", "overdue"])
    '案件超时2条、案件退单1条'
    """
    return "、".join(f"{WORDS[Occasion(one)]}{n}条" for one, n in Counter(occasions).items())


@dataclass(frozen=True)
class Outcome:
    """What became of a try (发送结果): `why` is None where the gateway has taken it; `final`: never again."""

    why: Why | None = None
    final: bool = False
