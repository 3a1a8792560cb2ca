"""What a registration must hold. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.errors import Conflict, Forbidden, Invalid
from libs.common.policy import Principal, sees_area
from services.disputes.disputes.domain import Channel, IdNotUuid7, PartyRole
from services.disputes.rules.domain import DisputeClass

BY_PEOPLE = (Channel.APPLICATION, Channel.EX_OFFICIO, Channel.PETITION, Channel.AGENCY)
"""Channels that a person registers; the grid's disputes come by handover."""


@dataclass(frozen=True)
class Settlement:
    """What was settled on the spot (现场调结): an oral agreement, performed there and then."""

    dispute_type: str
    terms: str
    performance: str
    held_on: date | None = None


class OutsideYourArea(Forbidden):
    """The place lies outside the caller's area (不在您的辖区内)."""

    code = "dispute-outside-your-area"
    zh = "区划 {area} 不在您的辖区内"
    en = "The area {area} lies outside yours"


class PartiesMissing(Invalid):
    """Two sides at least; who applied is named as applicant (当事人不全)."""

    code = "dispute-parties-missing"
    zh = "须列明双方当事人；依申请登记的须有申请人"
    en = "Name both sides; a registration on application names an applicant"


class NoBody(Forbidden):
    """Only a mediator of a body that serves the place settles on the spot (无调解组织)."""

    code = "dispute-no-body"
    zh = "仅服务该区域的调解组织的调解员可现场调结"
    en = "Only a mediator of a body that serves the place may settle on the spot"


class ReasonMissing(Invalid):
    """Another class or type needs a reason (须说明理由)."""

    code = "dispute-reason-missing"
    zh = "重新分类须说明理由"
    en = "To classify again, give a reason"


class ClassUnchanged(Conflict):
    """It has this class and type already (分类未变)."""

    code = "dispute-class-unchanged"
    zh = "分类和类型均未改变"
    en = "Class and type are what they were"


def check_id(dispute_id: UUID) -> UUID:
    """The id itself. Raises `IdNotUuid7`."""
    if dispute_id.version != 7:
        raise IdNotUuid7(pointer="")
    return dispute_id


def check_area(viewer: Principal | None, area: str) -> None:
    """Raises `OutsideYourArea`."""
    if viewer is not None and not sees_area(viewer, area):
        raise OutsideYourArea(area=area, pointer="/area")


def check_sides(channel: Channel, roles: Collection[PartyRole]) -> None:
    """Two parties on different sides; on application one of them applied (人民调解法 art. 17).

    Raises `PartiesMissing`.
    """
    applied = PartyRole.APPLICANT in roles or channel is not Channel.APPLICATION
    if len(roles) < 2 or not applied or set(roles) == {PartyRole.APPLICANT}:
        raise PartiesMissing(pointer="/parties")


def check_reclassified(
    former: tuple[str | None, str | None], given: tuple[DisputeClass, str], reason: str | None
) -> None:
    """`former` and `given`: class and type. Raises `ReasonMissing`, `ClassUnchanged`."""
    if reason is None:
        raise ReasonMissing(pointer="/reason")
    if former == given:
        raise ClassUnchanged
