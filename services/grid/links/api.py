"""Routes of a reporter's link: open to everybody who holds one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from libs.common.http.calls import NOT_MODIFIED
from libs.common.http.route import permit
from libs.common.http.visits import VisitDep, open_commands, open_router
from services.grid.links import service
from services.grid.links.schemas import LinkRated, LinkRead, RateByLink
from services.grid.satisfactions.service import Rating

TAGS = ["public 公众查询"]
router = open_router("/grid/v1/public/links", tags=[*TAGS])
commands = open_commands("/grid/v1/public/links", tags=[*TAGS])

Token = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_-]{22}$", description="链接中的令牌", examples=["q3v0Yk2Jw8s1ZrT5uXbN7A"])
]


@router.get(
    "/{token}",
    response_model=LinkRead,
    responses=NOT_MODIFIED,
    summary="通知链接：办理进度 Progress by link",
    **permit("grid.public.read"),
)
async def read_link(token: Token, visit: VisitDep, response: Response) -> LinkRead:
    """For whoever was sent the message; wrong links are counted. 凭通知中的链接查询，多次错误将被限制"""
    response.headers["Cache-Control"] = "private, no-store"
    with visit.guessing():
        return LinkRead.of(await service.show(visit.session, token, visit.now))


@commands.post(
    "/{token}/rate",
    response_model=LinkRated,
    summary="通知链接：满意度评价 Rate by link",
    **permit("grid.public.rate"),
)
async def rate_link(token: Token, body: RateByLink, visit: VisitDep) -> Rating:
    """Once for each round that has ended. 每轮办结评价一次"""
    with visit.guessing():
        return await service.rate(visit.session, token, body.told(), visit.now)
