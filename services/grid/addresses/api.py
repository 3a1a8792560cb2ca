"""Routes of the addresses."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import QueryDep
from libs.common.http.route import command_router, permit
from services.grid.addresses import service
from services.grid.addresses.domain import normal
from services.grid.addresses.schemas import CandidateList, CandidateRead
from services.grid.places import service as places

router = command_router("/grid/v1/addresses", tags=["places 区域与单元网格"])


@router.get(
    "", response_model=CandidateList, summary="地址定位 Find an address", **permit("grid.reference.read")
)
async def find_address(
    call: QueryDep,
    text: Annotated[
        str, Query(min_length=2, max_length=200, description="地址或小区名", examples=["小花园二村3号楼"])
    ],
) -> CandidateList:
    """Estates and buildings that the text may mean; intake takes the surest, if sure enough. 按地址定位"""
    found = await service.find(call.session, text, on=local_date(call.now))
    return CandidateList(
        text=normal(text),
        least=await places.address_least(call.session),
        items=[CandidateRead.model_validate(one) for one in found],
    )
