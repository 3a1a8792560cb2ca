"""What can stand against a step of a dispute. Pure."""

from __future__ import annotations

from libs.common.errors import Conflict, Forbidden, Invalid, NotFound


class DisputeNotFound(NotFound):
    """No dispute has this id, or it lies outside what the caller may see (纠纷不存在)."""

    code = "dispute-not-found"
    zh = "未找到纠纷"
    en = "There is no such dispute"


class DisputeExists(Conflict):
    """The id was used with another body (标识已被使用)."""

    code = "dispute-exists"
    zh = "该标识已用于另一份登记"
    en = "A dispute with this id and another content exists already"


class IdNotUuid7(Invalid):
    """The client's id is a UUID of version 7 (标识须为 UUIDv7)."""

    code = "dispute-id-not-uuidv7"
    zh = "纠纷标识须为 UUIDv7"
    en = "The dispute's id must be a UUID of version 7"


class NotYourDispute(Forbidden):
    """Another body or tier has it in hand (非本组织承办)."""

    code = "dispute-not-yours"
    zh = "该纠纷不由您所在的调解组织或层级办理"
    en = "Another body or tier has this dispute in hand"


class MediatorObjected(Forbidden):
    """A party has objected to the mediator (当事人已申请回避)."""

    code = "dispute-mediator-objected"
    zh = "当事人已申请您回避，请由其他调解员办理"
    en = "A party has objected to you as mediator: another mediator must act"
