"""Shapes of repair orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Flag, Read, Write
from libs.common.text import Text
from services.grid.dossiers.domain import CaseItem
from services.grid.repairs.domain import Receiver, RepairGiven

URGENCY = r"^[a-z_-]{1,30}$"


class SendRepair(Write):
    """To whom, and how urgent; what is left out follows from the rules. 报修派单"""

    unit_id: UUID | None = Field(default=None, description="Unit; else the first one proposed (承修单位)")
    urgency: str | None = Field(
        default=None, pattern=URGENCY, description="A class of the rules (报修等级)", examples=["urgent"]
    )
    level: str | None = Field(default=None, max_length=30, description="办理层级")
    note: Text | None = Field(default=None, examples=["三楼公共水管爆裂，请先关总阀"])
    withhold_reporter: Flag = Field(default=False, description="A firm is never told (不告知反映人)")

    def plain(self) -> RepairGiven:
        """As plain values."""
        return RepairGiven(self.unit_id, self.urgency, self.level, self.note, self.withhold_reporter)


class ProposedRepairer(Read):
    """A unit proposed for the repair. 拟派承修单位"""

    unit_id: UUID
    code: str
    name_zh: str
    name_en: str
    kind: str
    receiver: Receiver = Field(description="firm, fallback or centre (企业、托底单位、应急维修中心)")


class RepairProposal(Read):
    """What the rules say of the repair, as if it were sent now. 报修建议"""

    urgency: str = Field(examples=["urgent"])
    urgency_zh: str = Field(examples=["急修"])
    urgency_en: str = Field(examples=["Urgent repair"])
    arrive_due_at: datetime = Field(description="By when to be on site, UTC (到场时限)")
    estate_mode: str | None = Field(description="How the estate is managed (小区管理方式)")
    items: list[ProposedRepairer] = Field(description="Best first (先者为先)")


class RepairOrderRead(Read):
    """A repair order: a dispatch of the case. 报修单"""

    id: UUID
    repair: str = Field(description="报修等级", examples=["urgent"])
    unit_id: UUID = Field(description="承修单位")
    dispatched_at: datetime
    due_at: datetime | None = Field(description="By when to finish, as it was sent, UTC (办结时限)")
    arrive_due_at: datetime = Field(description="By when to be on site, UTC (到场时限)")
    signed_at: datetime | None
    arrived_at: datetime | None = Field(description="到场时间")
    arrived_on_time: bool | None
    finished_at: datetime | None = Field(description="完工时间")
    answered_at: datetime | None


class OpenRepair(Read):
    """An open repair order with its case. 在办报修单"""

    order: RepairOrderRead
    case: CaseItem
    arrival_overdue: bool = Field(description="Nobody has come by the deadline (到场超时)")
