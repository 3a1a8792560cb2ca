"""Shapes of conversion."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Instant, Write
from libs.common.text import Line, Phone, Text
from services.grid.conversions.domain import Conversion, Party, PartyKind, PartyRole

MOST_PARTIES = 20


class PartyGiven(Write):
    """A party to the dispute. 当事人"""

    name: Line = Field(examples=["李四"])
    role: PartyRole = Field(examples=["respondent"])
    kind: PartyKind = Field(examples=["owner"])
    phone: Phone | None = Field(default=None, examples=["13912341234"])
    unit_id: UUID | None = Field(default=None, description="物业服务企业等单位")

    def plain(self) -> Party:
        """As plain values."""
        return Party(self.name, self.role, self.kind, self.phone, self.unit_id)


class ConvertCase(Write):
    """Into mediation, with everybody in the dispute; the reporter need not be named again. 转人民调解"""

    parties: tuple[PartyGiven, ...] = Field(
        min_length=1,
        max_length=MOST_PARTIES,
        examples=[[{"name": "李四", "role": "respondent", "kind": "owner", "phone": "13912341234"}]],
    )
    consent_at: Instant | None = Field(
        default=None,
        description="When the reporter agreed to be named as a party, if not recorded (反映人同意的时间)",
        examples=["2026-11-23T10:00:00+08:00"],
    )
    estate_id: UUID | None = Field(default=None, description="The estate, if not the case's (小区)")
    note: Text | None = Field(default=None, examples=["双方就车位使用争执已久，愿意调解"])

    def plain(self) -> Conversion:
        """As plain values."""
        parties = tuple(party.plain() for party in self.parties)
        return Conversion(parties, self.consent_at, self.estate_id, self.note)


class InterimReply(Write):
    """What the reporter was told. 阶段性答复"""

    note: Text = Field(examples=["已电话告知：该诉求已转人民调解，办结后另行答复"])
