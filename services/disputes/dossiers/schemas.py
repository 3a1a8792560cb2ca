"""Shapes of one dispute as it is read: persons masked, or in full with a reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Line, Masked, mask_numbers
from services.disputes.bodies.domain import Tier
from services.disputes.disputes.domain import Action, AgreementForm, Consent, PartyKind, PartyRole
from services.disputes.dossiers.domain import DisputeRead, shown_address, shown_name, shown_phone
from services.disputes.dossiers.service import Dossier, Party

Note = Annotated[str | None, AfterValidator(lambda note: note and mask_numbers(note))]
"""What people wrote with a step: numbers that name a person are masked."""


class BodyShown(Read):
    """The body that has it, and the committee whose seal and number it uses. 承办调解组织"""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    tier: Tier
    committee_zh: str = Field(description="所用印章、案号的人民调解委员会")
    committee_en: str


class TypeShown(Read):
    """The version of the type that it was given. 纠纷类型"""

    code: str
    revision: int
    name_zh: str
    name_en: str


class PartyShown(Read):
    """A party; the name of a person and every telephone are masked. 当事人（脱敏）"""

    id: UUID
    role: PartyRole
    kind: PartyKind
    name: str | None = Field(examples=["张**"])
    phone: str | None = Field(examples=["138****1234"])
    unit_id: UUID | None = Field(description="物业服务企业等单位")
    unit_name: str | None = Field(default=None, description="单位现名")
    named_at: datetime | None = Field(description="同意作为当事人的时间")
    consent: Consent = Field(description="本层级调解意愿")
    consent_at: datetime | None

    @classmethod
    def of(cls, party: Party, dossier: Dossier) -> PartyShown:
        """The party, masked, with its unit's present name."""
        unit = dossier.units.get(party.unit_id) if party.unit_id else None
        told = {name: getattr(party, name) for name in cls.model_fields if name != "unit_name"}
        masked = {"name": shown_name(party.kind, party.name), "phone": shown_phone(party.phone)}
        return cls(**(told | masked), unit_name=unit.name_zh if unit else None)


class SessionShown(Read):
    """A mediation session. 调解记录"""

    id: UUID
    round: int
    held_at: datetime
    place: str | None
    mediator: str
    present: list[UUID] = Field(description="到场当事人")
    note: Masked
    recorded_at: datetime


class AgreementShown(Read):
    """The agreement that stands, for its own people. 调解协议"""

    number: str = Field(description="案号", examples=["（2026）曹杨新村街道人调字第0001号"])
    form: AgreementForm
    terms: Masked = Field(description="协议内容")
    performance: Masked = Field(description="履行方式")
    perform_by: date | None = Field(description="履行期限")
    performed_on_spot: bool
    reached_at: datetime
    signed_by: list[UUID] = Field(description="已签署的当事人")
    mediator_signed_at: datetime | None
    sealed_at: datetime | None = Field(description="人民调解委员会盖章时间")
    effective_at: datetime | None = Field(description="生效时间")


class AttachmentShown(Read):
    """A photo; its bytes are at `/disputes/v1/media/{hash}`. 附件"""

    hash: str
    purpose: str
    media_type: str | None
    size: int | None
    ready: bool


class Inner(Read):
    """What its own people read beside the course. 承办人员可见内容（脱敏）"""

    description: Masked
    sessions: list[SessionShown]
    agreement: AgreementShown | None
    photos: list[AttachmentShown]


class DisputeDetail(DisputeRead):
    """A dispute with its parties, persons masked. 纠纷详情（脱敏）"""

    address: str | None = Field(description="地址，隐去门牌室号")
    age_days: int = Field(default=0, description="自登记起总历时（日），各层级合计")
    body: BodyShown | None = None
    type: TypeShown | None = None
    area_name: str | None = Field(default=None, description="所在街镇或居村名称")
    parties: list[PartyShown] = Field(default_factory=list)
    inner: Inner | None = Field(default=None, description="仅承办人员可见；他人为空")
    allowed_actions: list[Action] = Field(default_factory=list, description="您现在可以采取的操作")

    @classmethod
    def of(cls, dossier: Dossier) -> DisputeDetail:
        """The dossier, masked."""
        dispute = dossier.dispute
        columns = {name: getattr(dispute, name) for name in DisputeRead.model_fields}
        return cls(
            **columns,
            address=shown_address(dispute.address),
            age_days=dossier.age_days,
            body=BodyShown.model_validate(dossier.body) if dossier.body else None,
            type=TypeShown.model_validate(dossier.type) if dossier.type else None,
            area_name=dossier.area_name,
            parties=[PartyShown.of(party, dossier) for party in dossier.parties],
            inner=Inner.model_validate(dossier.inner) if dossier.inner else None,
            allowed_actions=dossier.actions,
        )


class StepShown(Read):
    """One step of the history. 操作记录"""

    version: int
    at: datetime
    actor: str
    actor_role: str
    action: str
    from_state: str | None
    to_state: str | None
    note: Note = Field(description="仅承办人员可见；他人为空")
    changed: dict[str, Any]


class StepList(Read):
    """The steps of a dispute, oldest first. 操作历史"""

    items: list[StepShown]


class Reveal(Write):
    """Why the personal data is needed. 查看理由"""

    reason: Line = Field(examples=["电话通知调解时间"])


class PartyInFull(Read):
    """A party, unmasked. 当事人完整信息"""

    id: UUID
    role: PartyRole
    kind: PartyKind
    name: str
    phone: str | None


class InFull(Read):
    """What is restricted of a dispute, unmasked. 完整信息"""

    description: str
    address: str | None
    parties: list[PartyInFull]
