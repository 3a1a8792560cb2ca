"""What a joint meeting may decide. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from libs.common.errors import Conflict, Invalid

SELF_LOOP = "self"
"""The loop in which residents decide (自循环)."""


RESIDENTS = "居民自治"
"""To whom a case is dispatched that the residents take on: nobody's squad."""


class Attendee(StrEnum):
    """Who was present, as a body; persons are not named (参会方)."""

    RESIDENTS_COMMITTEE = "residents_committee"  # 居(村)委会
    OWNERS_COMMITTEE = "owners_committee"  # 业主委员会
    PROPERTY_FIRM = "property_firm"  # 物业服务企业
    RESIDENTS = "residents"  # 居民代表、楼组长
    POLICE = "police"  # 社区民警
    ENFORCEMENT = "enforcement"  # 城管


class MeetingOutcome(StrEnum):
    """What was decided (会议结论)."""

    RESIDENTS = "residents"  # 居民自治处置
    ESCALATE = "escalate"  # 提请升级


class OutsideSelfLoop(Conflict):
    """The case is not in the self loop any more (案件不在自循环)."""

    code = "outside-self-loop"
    zh = "居民联席会议只议自循环案件，本案现处 {loop}"
    en = "The joint meeting decides on cases of the self loop only; this one is in '{loop}'"


class VotesImplausible(Invalid):
    """The votes do not carry what was decided, or are more than were present (票数不符)."""

    code = "votes-implausible"
    zh = "赞成 {votes_for}、反对 {votes_against}、到会 {present} 与结论不符"
    en = "{votes_for} for, {votes_against} against, {present} present do not carry the decision"


class MeetingAhead(Invalid):
    """What has not been held has decided nothing (会议时间晚于现在)."""

    code = "meeting-ahead"
    zh = "会议时间不得晚于现在"
    en = "The meeting cannot have been held later than now"


@dataclass(frozen=True)
class Decision:
    """What a meeting decided, by whom (会议决定)."""

    attendees: tuple[Attendee, ...]
    present: int
    votes_for: int
    votes_against: int
    outcome: MeetingOutcome
    text: str


def check_meeting(loop: str | None, decision: Decision) -> None:
    """Carried by those present, in the self loop. Raises `OutsideSelfLoop`, `VotesImplausible`."""
    if loop != SELF_LOOP:
        raise OutsideSelfLoop(loop=loop)
    votes = {"votes_for": decision.votes_for, "votes_against": decision.votes_against}
    if sum(votes.values()) > decision.present or decision.votes_for <= decision.votes_against:
        raise VotesImplausible(**votes, present=decision.present, pointer="/votes_for")


def check_held(held_at: datetime, now: datetime) -> None:
    """Raise `MeetingAhead` unless it has been held."""
    if held_at > now:
        raise MeetingAhead(pointer="/held_at")
