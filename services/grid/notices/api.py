"""Routes of the notices: one's own, and the delivery log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.fields import AREA
from services.grid.notices import service
from services.grid.notices.domain import NoticeState
from services.grid.notices.schemas import (
    ContactRead,
    ContactWrite,
    MyNotice,
    NoticeRead,
    ReadAll,
    Unread,
)
from services.grid.templates.domain import Channel

router = command_router("/grid/v1/notices", tags=["notices 通知"])

MINE = permit("grid.notice.mine")
LATEST = Keyset("notices-by-time", datetime, UUID)


class LogAsked(BaseModel):
    """Which notices. 筛选条件"""

    model_config = ConfigDict(frozen=True)

    area: str | None = Field(None, pattern=AREA, description="区划代码")
    state: NoticeState | None = Field(None, description="状态")
    channel: Channel | None = Field(None, description="通知方式")
    case_id: UUID | None = Field(None, description="案件")

    @property
    def shown(self) -> service.Shown:
        """The same for the statements."""
        return service.Shown(self.area, self.state, self.channel, self.case_id)


@router.get("/mine", response_model=Page[MyNotice], summary="我的通知 My notices", **MINE)
async def list_my_notices(
    call: QueryDep,
    paging: PageDep,
    unread: Annotated[bool, Query(description="仅未读")] = False,
) -> Slice[service.Notice]:
    """What one is told in the app, the latest first. 站内通知，最新在前"""
    rows = await service.list_mine(
        call.session, call.principal.subject, unread=unread, after=LATEST.after(paging),
        limit=paging.limit + 1,
    )  # fmt: skip
    return LATEST.slice(rows, paging, key=lambda row: (row.created_at, row.id))


@router.get("/mine/unread", response_model=Unread, summary="未读数 How much is unread", **MINE)
async def count_unread_notices(call: QueryDep) -> Unread:
    """For the badge of the app. 角标"""
    return Unread(count=await service.count_unread(call.session, call.principal.subject))


@router.post("/mine/read", response_model=Unread, summary="全部已读 All is read", **MINE)
async def read_all_notices(body: ReadAll, call: CommandDep) -> Unread:
    """Whatever came until then: what comes meanwhile stays unread. 截至某时的全部通知"""
    person = call.principal.subject
    await service.mark_all_read(call.session, person, body.until, call.now)
    return Unread(count=await service.count_unread(call.session, person))


@router.post("/{notice_id}/read", response_model=MyNotice, summary="已读 It is read", **MINE)
async def read_notice(notice_id: UUID, call: CommandDep) -> service.Notice:
    """One's own notice; the first time counts. 以首次为准"""
    return await service.mark_read(call.session, notice_id, call.principal.subject, call.now)


@router.get("/contact", response_model=ContactRead, summary="我的通知联系方式 My contact", **MINE)
async def read_contact(call: QueryDep) -> ContactRead:
    """Where one is told by text message or e-mail. 仅本人可见"""
    found = await service.contact_of(call.session, call.principal.subject)
    if found is None:
        return ContactRead(phone=None, email=None, changed_at=None)
    return ContactRead.model_validate(found)


@router.put("/contact", response_model=ContactRead, summary="设置通知联系方式 Set my contact", **MINE)
async def keep_contact(body: ContactWrite, call: CommandDep) -> service.NoticeContact:
    """In place of what was known; without a telephone the rota's is used. 未填手机则用值班表所留电话"""
    return await service.keep_contact(
        call.session, call.principal.subject, phone=body.phone, email=body.email, now=call.now
    )


@router.get(
    "", response_model=Page[NoticeRead], summary="通知发送记录 Delivery log", **permit("grid.notice.read")
)
async def list_notices(
    asked: Annotated[LogAsked, Query()], call: QueryDep, paging: PageDep
) -> Slice[NoticeRead]:
    """What went out, failed or was not sent in the caller's areas, the latest first. 最新在前，含失败原因"""
    rows = await service.list_log(
        call.session, call.principal, asked.shown, after=LATEST.after(paging), limit=paging.limit + 1
    )
    page = LATEST.slice(rows, paging, key=lambda row: (row.created_at, row.id))
    return Slice([NoticeRead.of(row) for row in page.items], page.next)


@router.post(
    "/{notice_id}/send-again",
    response_model=NoticeRead,
    summary="重新发送 Send it again",
    **permit("grid.notice.send_again"),
)
async def send_again(notice_id: UUID, call: CommandDep) -> NoticeRead:
    """What failed or was not sent, from the first try on. 失败或未发送的通知"""
    row = await service.send_again(
        call.session, notice_id, viewer=call.principal, actor=call.actor, now=call.now
    )
    return NoticeRead.of(row)
