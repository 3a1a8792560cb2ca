"""Mediation bodies as values: tiers, kinds, validity. Pure.

Three tiers: the neighbourhood's studio 居村委物业纠纷调解工作室, the town's joint centre
街镇物业纠纷调解联合中心, the district's committee 区物业纠纷调解委员会. None of the first two is a people's
mediation committee 人民调解委员会: every body names the committee whose seal and number (案号) it uses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from libs.common.areas import AreaLevel, check_code, level_of, prefix_at
from libs.common.errors import Conflict, Invalid, NotFound


class Tier(StrEnum):
    """The tiers of mediation (层级)."""

    NEIGHBOURHOOD = "neighbourhood"  # 居村
    TOWNSHIP = "township"  # 街镇
    DISTRICT = "district"  # 区


LADDER = (Tier.NEIGHBOURHOOD, Tier.TOWNSHIP, Tier.DISTRICT)
"""The tiers from below."""

LEVEL_OF: Mapping[Tier, AreaLevel] = {
    Tier.NEIGHBOURHOOD: AreaLevel.NEIGHBOURHOOD,
    Tier.TOWNSHIP: AreaLevel.TOWNSHIP,
    Tier.DISTRICT: AreaLevel.DISTRICT,
}
"""The level of the area that a body of the tier serves."""


class BodyKind(StrEnum):
    """What a body is (组织类别)."""

    STUDIO = "studio"  # 调解工作室
    CENTRE = "centre"  # 调解联合中心
    COMMITTEE = "committee"  # 区物业纠纷调解委员会
    PEOPLE_MEDIATION = "people_mediation"  # 人民调解委员会
    SOCIAL_ORG = "social_org"  # 调处型社会组织


DEFAULT_KIND: Mapping[Tier, BodyKind] = {
    Tier.NEIGHBOURHOOD: BodyKind.STUDIO,
    Tier.TOWNSHIP: BodyKind.CENTRE,
    Tier.DISTRICT: BodyKind.COMMITTEE,
}
"""The kind that has a tier's disputes of its area unless another body is named; there is one per area."""


class Origin(StrEnum):
    """Where a body's row comes from (来源)."""

    LIVE = "live"  # 现行（演示）
    ENTERED = "entered"  # 管理员录入


class BodyNotFound(NotFound):
    """No body has this id (调解组织不存在)."""

    code = "body-not-found"
    zh = "调解组织不存在"
    en = "There is no such mediation body"


class BodyUnknown(Invalid):
    """No such body is in force (调解组织不存在或已停用)."""

    code = "body-unknown"
    zh = "调解组织 {body_id} 不存在或已停用"
    en = "There is no mediation body {body_id} in force"


class NoBodyThere(Conflict):
    """The tier has no body for the place: name one (该层级无默认调解组织)."""

    code = "body-none-there"
    zh = "区划 {area} 没有“{tier_zh}”层级的调解组织，请指定"
    en = "There is no body of the tier '{tier}' for {area}: name one"


class BodyCodeTaken(Conflict):
    """Another body has the code (组织代码重复)."""

    code = "body-code-taken"
    zh = "组织代码“{body_code}”已被使用"
    en = "The body code '{body_code}' is taken"


class DefaultTaken(Conflict):
    """The area has its body of the tier already (该区域已有默认调解组织)."""

    code = "body-default-taken"
    zh = "该区域已有同类调解组织，请先停用原组织"
    en = "The area has a body of this kind already: end that one first"


class LevelUnfit(Invalid):
    """A body serves an area of its tier's level (区划层级不符)."""

    code = "body-level-unfit"
    zh = "区划 {area} 与层级“{tier_zh}”不符"
    en = "The area {area} is not of the level of the tier '{tier}'"


class KindUnfit(Invalid):
    """A studio is a neighbourhood's, a centre a town's, a committee a district's (组织类别与层级不符)."""

    code = "body-kind-unfit"
    zh = "该组织类别与层级“{tier_zh}”不符"
    en = "A body of this kind is not of the tier '{tier}'"


class DatesInverted(Invalid):
    """The last day lies before the first (日期颠倒)."""

    code = "dates-inverted"
    zh = "停用日期 {valid_to} 早于启用日期 {valid_from}"
    en = "The last day {valid_to} lies before the first day {valid_from}"


TIER_ZH: Mapping[Tier, str] = {
    Tier.NEIGHBOURHOOD: "居村",
    Tier.TOWNSHIP: "街镇",
    Tier.DISTRICT: "区",
}


@dataclass(frozen=True)
class BodyFields:
    """What a body is, without its id and version: the same for files, API and events (组织信息)."""

    code: str
    name_zh: str
    name_en: str
    kind: BodyKind
    tier: Tier
    area: str
    committee_code: str
    committee_zh: str
    committee_en: str
    number_word: str
    valid_from: date | None = None
    valid_to: date | None = None
    origin: Origin = Origin.ENTERED
    demonstration: bool = False
    source: str = ""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the fields: tells the loader whether a file's row has changed."""
        return hashlib.sha256(repr(self).encode()).digest()


def check_fields(fields: BodyFields) -> None:
    """Raises `AreaCodeInvalid`, `LevelUnfit`, `KindUnfit`, `DatesInverted`."""
    check_code(fields.area)
    told = {"tier": fields.tier.value, "tier_zh": TIER_ZH[fields.tier]}
    if level_of(fields.area) is not LEVEL_OF[fields.tier]:
        raise LevelUnfit(pointer="/area", area=fields.area, **told)
    if fields.kind in DEFAULT_KIND.values() and DEFAULT_KIND[fields.tier] is not fields.kind:
        raise KindUnfit(pointer="/kind", **told)
    first, last = fields.valid_from, fields.valid_to
    if first is not None and last is not None and last < first:
        raise DatesInverted(pointer="/valid_to", valid_from=first.isoformat(), valid_to=last.isoformat())


def is_default(fields: BodyFields) -> bool:
    """Whether the body has its area's disputes of the tier without being named."""
    return DEFAULT_KIND[fields.tier] is fields.kind


def served_area(area: str, tier: Tier) -> str:
    """The area whose body of the tier serves the place. Raises `NoBodyThere` if the place is too wide."""
    level = LEVEL_OF[tier]
    try:
        return prefix_at(area, level)
    except Invalid:
        raise no_body(area, tier) from None


def no_body(area: str, tier: Tier) -> NoBodyThere:
    """The refusal for a place without a body of the tier."""
    return NoBodyThere(area=area, tier=tier.value, tier_zh=TIER_ZH[tier], pointer="/body_id")
