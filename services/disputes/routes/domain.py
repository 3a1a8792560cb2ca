"""Which tier a dispute goes to. Pure.

Three tiers: 居村委物业纠纷调解工作室, 街镇物业纠纷调解联合中心, 区物业纠纷调解委员会. Ordinary disputes stay
in the town (一般不出街镇), specialist ones get specialist help (专业精准介入), major ones are settled
properly (重大妥善处置): 普陀区“满意物业”三年行动计划(2018-2020) 四(三)1. Going up or down is a new acceptance
with a limit of its own; the total age still shows.
"""

from __future__ import annotations

from uuid import UUID

from libs.common.errors import Conflict, Forbidden, Invalid
from libs.common.policy import Principal, Role
from services.disputes.bodies.domain import LADDER, Tier


class NoTierThere(Conflict):
    """There is no tier above the district nor below the neighbourhood (已无上级或下级)."""

    code = "dispute-no-tier-there"
    zh = "已是{end_zh}层级，不能再{step_zh}"
    en = "It is at the {end} tier already"


class StaysInTown(Invalid):
    """An ordinary dispute leaves the town with a reason only (一般纠纷不出街镇)."""

    code = "dispute-stays-in-town"
    zh = "一般纠纷不出街镇，确需上交的须说明理由"
    en = "An ordinary dispute stays in the town: give a reason to send it to the district"


class ReasonMissing(Invalid):
    """Another tier than that of its class needs a reason (须说明理由)."""

    code = "dispute-tier-reason-missing"
    zh = "分派至与分类不符的层级，须说明理由"
    en = "The tier is not that of its class: give a reason"


class BodyElsewhere(Invalid):
    """The body does not serve the place, or is of another tier (调解组织不符)."""

    code = "dispute-body-elsewhere"
    zh = "该调解组织不服务于纠纷所在区域，或层级不符"
    en = "The body does not serve the place of the dispute, or is of another tier"


class NotYourBody(Forbidden):
    """A mediator takes a dispute on for the own body only (只能由本组织受理)."""

    code = "dispute-not-your-body"
    zh = "调解员只能为本组织受理纠纷"
    en = "A mediator takes disputes on for their own body only"


def above(tier: Tier) -> Tier:
    """The next tier up. Raises `NoTierThere`."""
    if tier is LADDER[-1]:
        raise NoTierThere(end="highest", end_zh="最高", step_zh="上交")
    return LADDER[LADDER.index(tier) + 1]


def below(tier: Tier) -> Tier:
    """The next tier down. Raises `NoTierThere`."""
    if tier is LADDER[0]:
        raise NoTierThere(end="lowest", end_zh="最低", step_zh="下派")
    return LADDER[LADDER.index(tier) - 1]


def check_leaving(leaves: bool, reason: str | None) -> None:
    """`leaves`: the tier lies above the highest of the class. Raises `StaysInTown`."""
    if leaves and reason is None:
        raise StaysInTown(pointer="/reason")


def check_tier(usual: Tier, to: Tier, reason: str | None) -> None:
    """`usual`: the tier of the class. Raises `ReasonMissing`."""
    if to is not usual and reason is None:
        raise ReasonMissing(pointer="/reason")


def check_body(serves: str, area: str, *, tier: Tier, wanted: Tier | None = None) -> None:
    """`serves`: the body's area; `wanted`: the tier that it must be of. Raises `BodyElsewhere`."""
    if not area.startswith(serves) or wanted not in (None, tier):
        raise BodyElsewhere(pointer="/body_id")


def check_taker(viewer: Principal | None, body_id: UUID) -> None:
    """Raises `NotYourBody`."""
    if viewer is None or viewer.holds(Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION):
        return
    if viewer.body_id != body_id:
        raise NotYourBody
