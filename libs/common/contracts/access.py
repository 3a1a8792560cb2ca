"""What every service tells of its own administration 访问与管理: part of the log, which is the audit trail.

Each deed is an aggregate of its own (noun `access`). No personal data: ids, codes and counts.

>>> ADMINISTERED["grid"].type
'cn.jiayuan.grid.access.administered.v1'
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from pydantic import Field

from libs.common.events.contract import DataClass, Event, Topic

SERVICES = ("grid", "tasks", "disputes", "targets")

ACCESSES: Mapping[str, Topic] = {
    service: Topic(owner=service, noun="access", data_class=DataClass.INTERNAL) for service in SERVICES
}
"""The topic of each service. Nobody else reads it."""


class Administered(Event):
    """Something was done to the platform's own records (管理操作)."""

    action: str = Field(description="What was done, e.g. redriven, discarded, restored (操作)")
    subject_type: str = Field(description="To what, e.g. parked-message (对象类型)")
    subject_id: UUID | None = Field(default=None, description="Its id (对象标识)")
    stream: str = Field(default="", description="Topic concerned (主题)")
    count: int = Field(default=0, description="How many records (数量)")
    reason: str = Field(default="", description="Reason code, no free text (原因)")


class Erased(Event):
    """Payloads were erased by law; their digests stay in the chain (依法删除)."""

    subject_id: UUID = Field(description="The aggregate whose events lost their payload (对象标识)")
    positions: tuple[int, ...] = Field(description="Their positions in the log (日志位置)")
    versions: tuple[int, ...] = Field(description="Versions whose history lost note and changes (版本)")
    basis: str = Field(description="Code of the legal basis (法律依据)")


E = TypeVar("E", bound=Event)


def _of(base: type[E], service: str, verb: str) -> type[E]:
    keywords = {"topic": ACCESSES[service], "verb": verb}
    body = {"__module__": __name__, "__doc__": base.__doc__}
    made: type[E] = types.new_class(
        f"{service.title()}{base.__name__}", (base,), keywords, lambda names: names.update(body)
    )
    return made


ADMINISTERED: Mapping[str, type[Administered]] = {
    service: _of(Administered, service, "administered") for service in SERVICES
}
ERASED: Mapping[str, type[Erased]] = {service: _of(Erased, service, "erased") for service in SERVICES}

EVENTS: tuple[type[Event], ...] = (*ADMINISTERED.values(), *ERASED.values())
"""Every event of these topics."""
