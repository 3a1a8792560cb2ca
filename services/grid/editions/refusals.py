"""What stands against a new edition as a whole. Pure."""

from __future__ import annotations

from libs.common.errors import Conflict, Invalid


class EffectiveTooEarly(Invalid):
    """A new edition of the catalogue holds from today on or later (生效日期过早)."""

    code = "effective-date-past"
    zh = "新版目录最早自 {today} 起生效"
    en = "A new edition takes effect on {today} at the earliest"


class CategoryNeeded(Conflict):
    """A rule gives this category to what nobody knows: it stays until the rule has changed (类别仍被使用)."""

    code = "category-needed"
    zh = "规则 {rule} 仍使用类别 {category}，请先修改规则"
    en = "The rule '{rule}' still uses category '{category}': change the rule first"
