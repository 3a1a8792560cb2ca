"""How a hotline's words read here, and which order another one repeats. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from libs.common.errors import Conflict, NotFound
from services.grid.orders.domain import OPEN, OrderState
from services.grid.rules.domain import Rules


class HotlineUnknown(NotFound):
    """No hotline of this name passes orders on (热线不存在)."""

    code = "hotline-unknown"
    zh = "没有名为 {channel} 的热线"
    en = "There is no hotline '{channel}'"


class OrderExists(Conflict):
    """The number was used with another body (工单编号已被使用)."""

    code = "order-exists"
    zh = "工单 {number} 已接收，且内容不同"
    en = "Order {number} with another content has been received already"


class ExtensionNotAsked(Conflict):
    """Nobody waits for this answer (未申请延期)."""

    code = "extension-not-asked"
    zh = "该工单没有待答复的延期申请"
    en = "No extension of this order waits for an answer"


@dataclass(frozen=True)
class Words:
    """What the hotline's own kind and category are here; not known: the fallback (分类对照结果)."""

    kind: str
    kind_known: bool
    category: str
    category_known: bool


def read_words(limits: Rules, channel: str, kind: str, category: str) -> Words:
    """The kind and category by the mapping rows of the channel; never a refusal."""
    hotline = limits.hotlines()
    rows = [row for row in limits.mappings.values() if row.channel == channel]
    kinds = {word: code for row in rows for word, code in row.kinds.items()}
    categories = {word: code for row in rows for word, code in row.categories.items()}
    return Words(
        kinds.get(kind, hotline.kind), kind in kinds,
        categories.get(category, hotline.category), category in categories,
    )  # fmt: skip


def caller_key(phone: str | None) -> bytes | None:
    """By what the same caller is found again."""
    return None if phone is None else hashlib.sha256(phone.encode()).digest()


class Told(Protocol):
    """What is compared of an order that came before."""

    @property
    def state(self) -> str: ...
    @property
    def hotline_category(self) -> str: ...
    @property
    def claim_address(self) -> str | None: ...
    @property
    def received_at(self) -> datetime: ...


T = TypeVar("T", bound=Told)


def same_matter(earlier: Iterable[T], category: str, address: str | None) -> T | None:
    """The first open order of the same caller about the same category at the same address.

    After the end the same words may be new trouble: then only the hotline says that it is a repeat.
    """
    if address is None:
        return None
    alike = (
        one
        for one in earlier
        if one.state in (*OPEN, OrderState.REPLIED)
        and (one.hotline_category, _plain(one.claim_address)) == (category, _plain(address))
    )
    return min(alike, key=lambda one: one.received_at, default=None)


def _plain(address: str | None) -> str:
    return "".join((address or "").split())


REPEATABLE = (*OPEN, OrderState.REPLIED, OrderState.CLOSED)
"""The states of an order to which a repeat is linked."""
