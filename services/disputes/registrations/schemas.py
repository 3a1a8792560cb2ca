"""Shapes of registration."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Line, Phone, Text
from services.disputes.disputes.domain import Channel, PartyGiven, PartyKind, PartyRole
from services.disputes.disputes.service import DisputeDraft
from services.disputes.fields import MOST_PARTIES, Photos
from services.disputes.registrations.domain import Settlement
from services.disputes.rules.domain import DisputeClass

TypeCode = Annotated[str, Field(min_length=1, max_length=40, description="纠纷类型代码")]


class PartyShape(Write):
    """A party. 当事人"""

    name: Line = Field(examples=["张三"])
    role: PartyRole = Field(examples=["applicant"])
    kind: PartyKind = Field(examples=["owner"])
    phone: Phone | None = Field(default=None, examples=["13812341234"])
    unit_id: UUID | None = Field(default=None, description="物业服务企业等单位")

    def given(self) -> PartyGiven:
        """As plain values."""
        return PartyGiven(self.name, self.role, self.kind, self.phone, self.unit_id)


class DisputeCreate(Write):
    """A dispute to be registered. 登记"""

    channel: Literal[Channel.APPLICATION, Channel.EX_OFFICIO, Channel.PETITION, Channel.AGENCY] = Field(
        default=Channel.APPLICATION, description="当事人申请、主动调解、信访转来、有关单位委托移送"
    )
    title: Line = Field(examples=["停车位使用争议"])
    description: Text = Field(examples=["固定车位被长期占用，双方多次争执"])
    area: str = Field(pattern="^[0-9]{9,15}$", examples=["310107005001"], description="区划代码")
    estate_id: UUID | None = Field(default=None, description="小区")
    address: Line | None = Field(default=None, examples=["武宁路100弄3号"])
    parties: tuple[PartyShape, ...] = Field(
        min_length=2,
        max_length=MOST_PARTIES,
        examples=[
            [
                {"name": "张三", "role": "applicant", "kind": "owner", "phone": "13812341234"},
                {"name": "李四", "role": "respondent", "kind": "owner"},
            ]
        ],
    )
    photos: Photos = ()

    def draft(self, fingerprint: bytes) -> DisputeDraft:
        """As plain values."""
        return DisputeDraft(
            channel=self.channel,
            title=self.title,
            description=self.description,
            area=self.area,
            parties=tuple(party.given() for party in self.parties),
            estate_id=self.estate_id,
            address=self.address,
            fingerprint=fingerprint,
        )


class SettlementCreate(DisputeCreate):
    """What was settled on the spot, an oral agreement performed at once. 现场调结"""

    dispute_type: TypeCode = Field(examples=["parking"])
    terms: Text = Field(examples=["李四当场移车，今后不再占用张三的固定车位"])
    performance: Text = Field(examples=["当场履行"], description="履行方式")

    def settlement(self) -> Settlement:
        """As plain values."""
        return Settlement(self.dispute_type, self.terms, self.performance)


class DisputeReceipt(Read):
    """What registering answers: the same for the same body, for ever. 登记回执"""

    id: UUID
    number: str = Field(description="纠纷编号", examples=["D20261123-310107005-000017"])
    registered_at: datetime


class Classify(Write):
    """Class and type; again only with a reason. 分类"""

    dispute_class: DisputeClass = Field(description="一般、专业、重大", examples=["ordinary"])
    dispute_type: TypeCode = Field(examples=["parking"])
    reason: Text | None = Field(default=None, description="重新分类时必填")


class Supplement(Write):
    """More to know. 补充"""

    note: Text = Field(examples=["当事人补交车位租赁合同"])
    photos: Photos = ()


class Urge(Write):
    """A word with the urging. 催办"""

    note: Text | None = Field(default=None, examples=["申请人再次来电，请尽快约谈双方"])


class Withdraw(Write):
    """Why the applicant withdraws. 撤回"""

    reason: Text = Field(examples=["双方已自行和解"])
