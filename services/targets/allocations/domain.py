"""Allocations 分解: shares of a target, what is left over, what does not add up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from libs.common.areas import check_code
from libs.common.errors import Conflict, Invalid
from libs.common.ids import stable_id
from libs.common.quantities import UnitsDiffer, comparable, plain, to_base
from services.targets.targets.domain import Kind


class AllocatedTwice(Invalid):
    """The same unit is named twice for the same area (重复分解)."""

    code = "allocated-twice"
    zh = "单位 {unit_id} 在区域 {area} 重复分解"
    en = "The unit {unit_id} is named twice for the area {area}"


class ShareNotFitting(Invalid):
    """A share where the target has no figure, or none where it has one (分解数与目标类型不符)."""

    code = "share-not-fitting"
    zh = "该目标{reason_zh}"
    en = "This target {reason_en}"


class AreaOutsideTarget(Invalid):
    """The share's area does not lie inside the target's (分解区域超出目标区域)."""

    code = "area-outside-target"
    zh = "区域 {area} 不在目标的区域 {target_area} 内"
    en = "The area {area} does not lie inside the target's, {target_area}"


class UnitNotKnown(Invalid):
    """The unit is not known here, is a group or has ended (单位不存在、是集合单位或已停用)."""

    code = "unit-not-allocable"
    zh = "单位 {unit_id} 不存在、是集合单位或已停用"
    en = "The unit {unit_id} does not exist, is a group or has ended"


class TargetClosed(Conflict):
    """The target's plan is concluded: it is not allocated any more (计划已结束)."""

    code = "target-closed"
    zh = "目标所属计划已结束，不再分解"
    en = "The target's plan is concluded: it is not allocated any more"


class Balance(StrEnum):
    """How the shares and the reserve stand to the target (分解平衡情况)."""

    EVEN = "even"  # 与目标相符
    SHORT = "short"  # 分解不足
    OVER = "over"  # 分解超出
    NOT_ADDED = "not_added"  # 不按数量分解


@dataclass(frozen=True)
class Share:
    """What a unit is to do of a target in an area (分解项): of a rate, the rate to reach."""

    unit_id: UUID
    area: str
    share: Decimal | None = None
    unit: str | None = None

    @property
    def base(self) -> Decimal | None:
        """The share in the base unit."""
        return None if self.share is None or self.unit is None else to_base(self.share, self.unit)


def allocation_id(target_id: UUID, unit_id: UUID, area: str) -> UUID:
    """The id of the allocation: the same whenever the unit is given a share of the target for the area."""
    return stable_id("allocation", f"{target_id}:{unit_id}:{area}")


@dataclass(frozen=True)
class Whole:
    """What is shared out: the target's area, kind and figure (被分解的目标)."""

    area: str
    kind: Kind
    unit: str | None
    base_value: Decimal | None
    """In the base unit; None = no figure."""

    @property
    def added(self) -> bool:
        """Whether shares add up to the figure: a rate is asked of everyone, not shared."""
        return self.kind in (Kind.SUM, Kind.COUNT, Kind.STOCK) and self.base_value is not None


def check_shares(shares: Sequence[Share], whole: Whole) -> None:
    """Raises `AllocatedTwice`, `AreaOutsideTarget`, `ShareNotFitting`, `AreaCodeInvalid`."""
    seen: set[tuple[UUID, str]] = set()
    for share in shares:
        check_code(share.area)
        if not share.area.startswith(whole.area):
            raise AreaOutsideTarget(area=share.area, target_area=whole.area)
        if (share.unit_id, share.area) in seen:
            raise AllocatedTwice(unit_id=str(share.unit_id), area=share.area)
        seen.add((share.unit_id, share.area))
        _check_figure(share, whole)


def _check_figure(share: Share, whole: Whole) -> None:
    if share.share is None:
        if whole.added:
            raise ShareNotFitting(reason_zh="按数量分解，每项须填数", reason_en="is shared out by figures")
        return
    if not whole.kind.measured:
        raise ShareNotFitting(reason_zh="没有数值，不填分解数", reason_en="has no figure to share out")
    if not comparable(share.unit, whole.unit):
        raise UnitsDiffer(given=share.unit, wanted=whole.unit)


def check_reserve(reserve: Decimal | None, whole: Whole) -> None:
    """Raises `ShareNotFitting` for a reserve of what is not shared out by figures."""
    if reserve is not None and not whole.added:
        raise ShareNotFitting(reason_zh="不按数量分解，没有预留", reason_en="has no figure to hold back")


def balance_of(
    shares: Iterable[Share], reserve: Decimal | None, whole: Whole, tolerance: Decimal
) -> tuple[Decimal, Balance]:
    """What is shared out and held back together, in the base unit, and whether that is the target.

    A shortfall or an excess beyond the tolerance, in percent of the target, is told and not refused: a plan
    may ask for more than it promised.
    """
    if not whole.added or whole.base_value is None or whole.unit is None:
        return Decimal(0), Balance.NOT_ADDED
    held = to_base(reserve, whole.unit) if reserve is not None else Decimal(0)
    given = plain(sum((share.base for share in shares if share.base is not None), held))
    if abs(given - whole.base_value) * 100 <= tolerance * whole.base_value:
        return given, Balance.EVEN
    return given, Balance.SHORT if given < whole.base_value else Balance.OVER
