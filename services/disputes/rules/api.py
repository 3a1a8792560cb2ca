"""Routes of the rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from libs.common.rules.domain import RuleRow
from libs.common.versions import check_version
from services.disputes.rules import service
from services.disputes.rules.schemas import RuleList, RuleRead, RuleWrite

router = command_router("/disputes/v1/rules", tags=["rules 规则"])

READ = permit("disputes.reference.read")
WRITE = permit("disputes.reference.write")
KEY = r"^[a-z]+(\.[a-z0-9_]+)?$"
Key = Annotated[str, Path(pattern=KEY, description="规则键", examples=["limit.township"])]


@router.get("", response_model=RuleList, summary="规则表 List the rules", **READ)
async def list_rules(call: QueryDep) -> RuleList:
    """Every rule in force. 现行规则"""
    rows = await service.all_rules(call.session)
    return RuleList(items=[RuleRead.model_validate(row) for row in rows])


@router.put("/{key}", response_model=RuleRead, summary="修改规则 Change a rule", **WRITE)
async def change_rule(key: Key, body: RuleWrite, expect: IfMatch, call: CommandDep) -> service.Rule:
    """Change a rule's value, at once; what running disputes were given stays. 即时生效，在办纠纷不受影响"""
    check_version(await service.rule_for_update(call.session, key), expect)
    row = RuleRow(key=key, value=body.value, source=body.source)
    return await service.change_rule(call.session, row, body.effective_from, actor=call.actor, now=call.now)
