"""Routes of the templates."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import HistoryStep
from services.grid.cases import service as cases
from services.grid.templates import service
from services.grid.templates.domain import Wording
from services.grid.templates.schemas import (
    PreviewRead,
    TemplateChange,
    TemplateHistory,
    TemplateList,
    TemplatePreview,
    TemplateRead,
)

router = command_router("/grid/v1/notice-templates", tags=["templates 通知模板"])

READ = permit("grid.template.read")
WRITE = permit("grid.template.write")


@router.get("", response_model=TemplateList, summary="通知模板列表 List templates", **READ)
async def list_templates(call: QueryDep) -> TemplateList:
    """What is told to whom on which occasion, switched on or off. 全部模板，含停用"""
    return TemplateList(items=[TemplateRead.of(row) for row in await service.list_all(call.session)])


@router.get("/{template_id}", response_model=TemplateRead, summary="查看通知模板 Read a template", **READ)
async def read_template(template_id: UUID, call: QueryDep) -> TemplateRead:
    """The words with the names that they may hold. 模板及可用占位符"""
    return TemplateRead.of(await service.find(call.session, template_id))


@router.get(
    "/{template_id}/history",
    response_model=TemplateHistory,
    summary="模板版本 Versions of a template",
    **READ,
)
async def read_template_history(template_id: UUID, call: QueryDep) -> TemplateHistory:
    """Every version with who wrote it. 历次修改"""
    rows = await service.history(call.session, template_id)
    return TemplateHistory(items=[HistoryStep.model_validate(row) for row in rows])


@router.patch("/{template_id}", response_model=TemplateRead, summary="修改通知模板 Edit a template", **WRITE)
async def change_template(
    template_id: UUID, body: TemplateChange, expect: IfMatch, call: CommandDep
) -> TemplateRead:
    """Other words, on or off, for notices from now on. 对之后的通知生效"""
    row = await service.change(
        call.session, template_id, body.changes(), expect=expect, actor=call.actor, now=call.now
    )
    return TemplateRead.of(row)


@router.post("/{template_id}/preview", response_model=PreviewRead, summary="预览通知 Try a template", **WRITE)
async def preview_template(template_id: UUID, body: TemplatePreview, call: CommandDep) -> PreviewRead:
    """How it would read, of a case or of samples; nothing is kept. 不保存、不发送"""
    row = await service.find(call.session, template_id)
    wording = Wording(body.subject or row.subject, body.body or row.body)
    case = None
    if body.case_id is not None:
        case = await cases.find_to_read(call.session, body.case_id, call.principal, call.now)
    return PreviewRead.of(await service.preview(call.session, row, wording, case))
