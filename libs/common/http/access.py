"""Administration of access 访问管理: API keys of systems, and the deny list. Mounted by each service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import Invalid, NotFound
from libs.common.http import denials
from libs.common.http.api_keys import KeyOrder, issue_key, revoke_key
from libs.common.http.calls import Command, CommandDep, QueryDep
from libs.common.http.models import ApiKey
from libs.common.http.paging import Keyset, Page, PageDep, Paging, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Instant, Read, Write
from libs.common.policy import GRANTS, Principal, Role, sees_area
from libs.common.text import Line

BY_ID = Keyset("api-keys", UUID)
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{2,15}$", examples=["310107"])]


class ScopeUnknown(Invalid):
    """A permission that no system can hold here (权限不可授予)."""

    code = "scope-unknown"
    zh = "权限“{scope}”不能授予接口密钥"
    en = "The permission '{scope}' cannot be given to an API key"


class AreaOutside(Invalid):
    """An area outside the administrator's own (区域越权)."""

    code = "area-outside-scope"
    zh = "区域 {area} 超出您的管辖范围"
    en = "The area {area} lies outside your own"


class ApiKeyWrite(Write):
    """A new key. 新接口密钥"""

    name: Line = Field(examples=["12345 市民服务热线"], description="系统名称")
    scopes: Annotated[list[str], Field(min_length=1, max_length=100)] = Field(
        examples=[["grid.case.report"]], description="可用权限 permissions"
    )
    areas: Annotated[list[AreaCode], Field(max_length=100)] = Field(
        default_factory=list, examples=[["310101002"]], description="可见区域代码前缀"
    )
    unit_id: UUID | None = None
    expires_at: Instant | None = None


class ApiKeyRead(Read):
    """A key without its secret. 接口密钥（不含密文）"""

    id: UUID
    name: str
    scopes: list[str]
    areas: list[str]
    unit_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class ApiKeyMade(ApiKeyRead):
    """A key, with its text the first time only. `key` 仅在首次创建时返回，请妥善保存"""

    key: str | None = None


class DenialKind(StrEnum):
    """What is denied: one token, or a person's tokens issued until now."""

    TOKEN = denials.JTI
    SUBJECT = denials.SUB


class DenialWrite(Write):
    """Take a right back before its token ends. 吊销"""

    kind: DenialKind = Field(examples=["sub"], description="jti 单个令牌；sub 某人此前的全部令牌")
    value: Line = Field(examples=["3f1c2a"], description="令牌 jti 或用户 sub")


class DenialRead(DenialWrite):
    """What was denied, since when. 吊销记录"""

    at: datetime


def access_router(service: str) -> APIRouter:
    """`/<service>/v1/api-keys` and `/<service>/v1/denials`, for whoever holds `<service>.access.manage`."""
    router = command_router(f"/{service}/v1", tags=["访问管理 access"])
    _key_routes(router, service)
    _denial_routes(router, service)
    return router


def _key_routes(router: APIRouter, service: str) -> None:
    manage = permit(f"{service}.access.manage")
    reader = {
        "name": "区数据共享交换平台", "scopes": [f"{service}.reference.read"], "areas": ["310101002"],
    }  # fmt: skip

    # PUT, so that no stored answer keeps the secret.
    @router.put(
        "/api-keys/{key_id}",
        response_model=ApiKeyMade,
        summary="签发接口密钥 Issue a key",
        responses={201: {"model": ApiKeyMade, "description": "已签发 Issued"}},
        **permit(f"{service}.access.manage", example=reader),
    )
    async def issue(key_id: UUID, body: ApiKeyWrite, call: CommandDep, response: Response) -> Any:
        """密钥仅在首次返回。The key's text is told this once."""
        found = await call.session.get(ApiKey, key_id)
        if found is not None:
            return within_reach(found, call.principal)
        check_order(service, body.scopes, body.areas, call)
        row, text = await issue_key(
            call.session, KeyOrder(**body.model_dump(), id=key_id), actor=call.actor, now=call.now
        )
        response.status_code = 201
        return ApiKeyMade(**ApiKeyRead.model_validate(row).model_dump(), key=text)

    @router.get("/api-keys", response_model=Page[ApiKeyRead], summary="接口密钥列表 List keys", **manage)
    async def list_keys(call: QueryDep, paging: PageDep) -> Slice[ApiKey]:
        """辖区内的，包括已吊销的。Those of the caller's area, revoked ones too."""
        page = await keys_page(call.session, paging)
        return replace(page, items=[key for key in page.items if _reaches(call.principal, key)])

    @router.post(
        "/api-keys/{key_id}/revoke", response_model=ApiKeyRead, summary="吊销接口密钥 Revoke a key", **manage
    )
    async def revoke(key_id: UUID, call: CommandDep) -> ApiKey:
        """60 秒内在各处失效。It stops counting everywhere within 60 s."""
        within_reach(await call.session.get(ApiKey, key_id), call.principal)
        await revoke_key(call.session, key_id, now=call.now)
        return await call.session.get_one(ApiKey, key_id, populate_existing=True)


def within_reach(key: ApiKey | None, principal: Principal) -> ApiKey:
    """The key, if every area that it sees is the administrator's own. Raises `NotFound`."""
    if key is None or not _reaches(principal, key):
        raise NotFound
    return key


def _reaches(principal: Principal, key: ApiKey) -> bool:
    return all(sees_area(principal, area) for area in key.areas)


async def keys_page(session: AsyncSession, paging: Paging) -> Slice[ApiKey]:
    """One page of the keys, oldest first."""
    statement = select(ApiKey).order_by(ApiKey.id).limit(paging.limit + 1)
    after = BY_ID.after(paging)
    if after is not None:
        statement = statement.where(ApiKey.id > after[0])
    rows = (await session.scalars(statement)).all()
    return BY_ID.slice(rows, paging, key=lambda row: (row.id,))


def _denial_routes(router: APIRouter, service: str) -> None:
    @router.post(
        "/denials",
        response_model=DenialRead,
        status_code=201,
        summary="吊销令牌 Deny tokens",
        **permit(f"{service}.access.manage"),
    )
    async def deny(body: DenialWrite, call: CommandDep) -> DenialRead:
        """60 秒内在各处生效。It counts everywhere within 60 s."""
        await denials.deny(call.session, body.kind, body.value, actor=call.actor, now=call.now)
        return DenialRead(kind=body.kind, value=body.value, at=call.now)


def check_order(service: str, scopes: Sequence[str], areas: Sequence[str], call: Command) -> None:
    """Raise `ScopeUnknown` or `AreaOutside` for what this administrator cannot give."""
    for place, scope in enumerate(scopes):
        if Role.SYSTEM not in GRANTS.get(scope, frozenset()) or not scope.startswith(f"{service}."):
            raise ScopeUnknown(scope=scope, pointer=f"/scopes/{place}")
    for place, area in enumerate(areas):
        if not sees_area(call.principal, area):
            raise AreaOutside(area=area, pointer=f"/areas/{place}")
