"""What `grid` publishes of its notices 通知; part of its contracts, `libs.common.contracts.grid`.

Who was told what is told to nobody: that stands in the delivery log alone.

>>> NoticeTemplateChanged.type
'cn.jiayuan.grid.notice-template.changed.v1'
"""

from __future__ import annotations

from libs.common.events.contract import DataClass, Event, Topic

NOTICE_TEMPLATES = Topic(owner="grid", noun="notice-template", data_class=DataClass.INTERNAL, full_state=True)


class NoticeTemplateChanged(Event, topic=NOTICE_TEMPLATES, verb="changed"):
    """The full state of a template without its words, which stand in the history (通知模板变更)."""

    occasion: str
    audience: str
    channel: str
    enabled: bool
    urgent: bool


EVENTS: tuple[type[Event], ...] = (NoticeTemplateChanged,)
"""Every event of the topic."""
