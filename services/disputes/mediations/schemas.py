"""Shapes of mediation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import Day, Flag, Instant, Write
from libs.common.text import Line, Text
from services.disputes.disputes.domain import AgreementForm
from services.disputes.fields import MOST_PARTIES, PartyIds, Photos
from services.disputes.mediations.domain import AgreementGiven, FailReason, Signed
from services.disputes.mediations.service import Report, SessionGiven

SomeParties = Annotated[tuple[UUID, ...], Field(max_length=MOST_PARTIES)]


class Consents(Write):
    """Parties who agree to be mediated. 同意调解"""

    party_ids: PartyIds = Field(examples=[["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"]], description="当事人")
    note: Text | None = Field(default=None, description="征询方式等", examples=["电话征询"])


class Refusal(Write):
    """A party who clearly refuses. 拒绝调解"""

    party_id: UUID = Field(examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"], description="当事人")
    note: Text = Field(examples=["明确表示不同意调解，要求起诉"])


class Objection(Write):
    """A party objects to a mediator. 申请回避"""

    party_id: UUID = Field(examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"], description="当事人")
    mediator: Line = Field(description="调解员", examples=["mediator-1"])
    reason: Text = Field(examples=["与对方当事人有近亲属关系"])


class Session(Write):
    """A mediation session. 调解记录"""

    held_at: Instant = Field(examples=["2026-11-23T10:00:00+08:00"])
    place: Line | None = Field(default=None, examples=["居委会调解室"])
    present: SomeParties = Field(default=(), description="到场当事人")
    note: Text = Field(examples=["双方就停车位使用时段各陈述意见，约定下周再议"])
    photos: Photos = ()

    def given(self) -> SessionGiven:
        """As plain values."""
        return SessionGiven(self.held_at, self.note, self.present, self.place, self.photos)


class Progress(Write):
    """How far it is; `interim`: fit to be passed on to who reported it. 进展、阶段性答复"""

    note: Text = Field(examples=["已约双方周五到场"])
    interim: Flag = False
    photos: Photos = ()

    def report(self) -> Report:
        """As plain values."""
        return Report(self.note, self.interim, self.photos)


class Extension(Write):
    """More time, because every party asks for it. 延长期限"""

    until: Instant = Field(examples=["2027-01-22T23:59:59+08:00"])
    party_ids: PartyIds = Field(examples=[["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"]], description="当事人")


class AgreementCreate(Write):
    """What the parties agreed. 调解协议"""

    form: AgreementForm = Field(examples=["written"], description="书面、口头")
    terms: Text = Field(examples=["每日18时至次日8时由甲方使用该车位，其余时段由乙方使用"])
    performance: Text = Field(examples=["自行履行"], description="履行方式")
    perform_by: Day | None = Field(default=None, examples=["2027-01-31"], description="履行期限")
    performed_on_spot: Flag = Field(default=False, description="已当场履行")
    written_asked: Flag = Field(default=False, description="当事人要求书面协议")

    def given(self) -> AgreementGiven:
        """As plain values."""
        return AgreementGiven(**vars(self))


class Signatures(Write):
    """Who has signed now; the committee's seal. 签署、盖章"""

    party_ids: SomeParties = Field(default=(), description="签名、盖章或按指印的当事人")
    mediator: Flag = Field(default=False, description="调解员已签名")
    sealed: Flag = Field(default=False, description="已加盖人民调解委员会印章", examples=[True])

    @model_validator(mode="after")
    def _something(self) -> Signatures:
        if not (self.party_ids or self.mediator or self.sealed):
            zh = "须至少有一方签署或加盖印章"
            raise PydanticCustomError("nothing_signed", "somebody signs, or the seal is put on", {"zh": zh})
        return self

    def signed(self) -> Signed:
        """As plain values."""
        return Signed(self.party_ids, self.mediator, self.sealed)


class Failure(Write):
    """Why the mediation failed. 调解不成"""

    reason: FailReason = Field(examples=["too-far-apart"])
    note: Text = Field(examples=["双方对补偿金额分歧过大"])
