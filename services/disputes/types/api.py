"""Routes of the dispute types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Path, Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from services.disputes.types import service
from services.disputes.types.domain import CODE
from services.disputes.types.schemas import (
    TypeCreate,
    TypeEnd,
    TypeList,
    TypeRead,
    TypeVersionRead,
    TypeWrite,
)

router = command_router("/disputes/v1/types", tags=["types 纠纷类型"])

READ = permit("disputes.reference.read")
WRITE = permit("disputes.reference.write")
Code = Annotated[str, Path(pattern=CODE, description="纠纷类型代码", examples=["parking"])]
On = Annotated[Day | None, Query(description="只列在该日有效的版本")]


def _shape(
    of: service.DisputeType, versions: Sequence[service.TypeVersion], on: date | None = None
) -> TypeRead:
    shown = [TypeVersionRead.model_validate(each) for each in versions]
    if on is not None:
        shown = [v for v in shown if v.effective_from <= on and (v.effective_to or on) >= on]
    return TypeRead(id=of.id, version=of.version, code=of.code, versions=shown)


@router.get("", response_model=TypeList, summary="纠纷类型表 List the dispute types", **READ)
async def list_types(call: QueryDep, on: On = None) -> TypeList:
    """Every type with its versions; with `on`, those in force that day. 全部类型，可按日期查询"""
    shaped = [_shape(of, versions, on) for of, versions in await service.list_types(call.session)]
    return TypeList(items=[each for each in shaped if each.versions])


@router.get("/{code}", response_model=TypeRead, summary="查看纠纷类型 Read a dispute type", **READ)
async def read_type(code: Code, call: QueryDep) -> TypeRead:
    """One type with all its versions. 类型及历次版本"""
    return _shape(*await service.read(call.session, code))


@router.post(
    "", response_model=TypeRead, status_code=201, summary="新增纠纷类型 Enter a dispute type", **WRITE
)
async def enter_type(body: TypeCreate, call: CommandDep) -> TypeRead:
    """A new type from a day on. 自生效日起可选用"""
    await service.enter(
        call.session, body.code, body.fields(), body.effective_from, actor=call.actor, now=call.now
    )
    return _shape(*await service.read(call.session, body.code))


@router.put("/{code}", response_model=TypeRead, summary="修订纠纷类型 Revise a dispute type", **WRITE)
async def revise_type(code: Code, body: TypeWrite, expect: IfMatch, call: CommandDep) -> TypeRead:
    """A new version from a day on; disputes keep the one they were given. 在办纠纷沿用原版本"""
    step = (call.actor, call.now)
    await service.revise(call.session, code, body.fields(), body.effective_from, expect=expect, step=step)
    return _shape(*await service.read(call.session, code))


@router.post("/{code}/end", response_model=TypeRead, summary="停用纠纷类型 End a dispute type", **WRITE)
async def end_type(code: Code, body: TypeEnd, expect: IfMatch, call: CommandDep) -> TypeRead:
    """No new dispute is given it after the last day. 停用后不再用于新纠纷"""
    await service.end(call.session, code, body.last_day, expect=expect, actor=call.actor, now=call.now)
    return _shape(*await service.read(call.session, code))
