"""Who is in the dispute, whether the reporter agreed, and what its end means for the case. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from libs.common.errors import Invalid

KIND = "case-dispute"

SENT_BACK = "not-for-mediation"
"""The reason code of a return by mediation (不属调解); its words are in the note."""


class PartyRole(StrEnum):
    """On which side a party stands (当事人地位)."""

    APPLICANT = "applicant"  # 申请人
    RESPONDENT = "respondent"  # 被申请人
    OTHER = "other"  # 第三人


class PartyKind(StrEnum):
    """What a party is (当事人类别), in the words that `disputes` reads."""

    OWNER = "owner"  # 业主
    TENANT = "tenant"  # 租户、使用人
    OWNERS_COMMITTEE = "owners_committee"  # 业主委员会
    FIRM = "firm"  # 物业服务企业
    DEVELOPER = "developer"  # 建设单位
    RESIDENTS_COMMITTEE = "residents_committee"  # 居（村）民委员会
    OTHER = "other"  # 其他


@dataclass(frozen=True)
class Party:
    """A party to the dispute (当事人): personal data, which goes into the handover and nowhere else."""

    name: str
    role: PartyRole
    kind: PartyKind
    phone: str | None = None
    unit_id: UUID | None = None


@dataclass(frozen=True)
class Conversion:
    """What the dispatcher says of the dispute (转调解单).

    `consent_at`: the reporter's, given now (UTC). `estate_id`: the dispute's, if it is not the case's.
    """

    parties: tuple[Party, ...]
    consent_at: datetime | None = None
    estate_id: UUID | None = None
    note: str | None = None


class ConsentAhead(Invalid):
    """Nobody has agreed in the future (同意时间晚于当前时间)."""

    code = "consent-in-the-future"
    zh = "同意时间不得晚于当前时间"
    en = "The time of the consent lies in the future"


class SideMissing(Invalid):
    """A dispute has two sides (当事人不全)."""

    code = "party-side-missing"
    zh = "须有申请人（或反映人）和被申请人"
    en = "A dispute needs an applicant, who may be the reporter, and a respondent"


class ReporterLike(Protocol):
    """What counts of the reporter."""

    @property
    def secret(self) -> bool: ...
    @property
    def consent_at(self) -> datetime | None: ...


def consent_of(
    reporter: ReporterLike | None, given: datetime | None, now: datetime, ahead: timedelta = timedelta()
) -> datetime | None:
    """When the reporter agreed to be named as a party: now, or before unless they asked for secrecy.

    `ahead`: by how much another clock may be fast. Raises `ConsentAhead`.
    """
    if given is not None:
        if given > now + ahead:
            raise ConsentAhead(pointer="/consent_at")
        return min(given, now)
    return None if reporter is None or reporter.secret else reporter.consent_at


def check_sides(parties: tuple[Party, ...], *, reporter_known: bool) -> None:
    """Raise `SideMissing` unless somebody stands on each side; the reporter stands on the applicant's."""
    roles = {party.role for party in parties}
    if PartyRole.RESPONDENT not in roles or not (reporter_known or PartyRole.APPLICANT in roles):
        raise SideMissing(pointer="/parties")


OUTCOMES: Mapping[str, str] = {
    "agreement": "solved",
    "refused": "explained",
    "failed": "explained",
    "withdrawn": "explained",
}
"""What the end of the mediation is for the case (办理结果): solved in fact 实际解决, or explained 解释说明.

A withdrawal by the applicant ends the mediation as a refusal does (法释〔2016〕14号 art. 26): nothing is left
for the grid to do unless the duty chief reopens the case.
"""
