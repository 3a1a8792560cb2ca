"""What a service tells when its log begins a new life 日志纪元: after a restore from backup.

>>> EPOCH_STARTED["grid"].type
'cn.jiayuan.grid.epoch.started.v1'
"""

from __future__ import annotations

import types
from collections.abc import Mapping

from pydantic import Field

from libs.common.contracts.access import SERVICES
from libs.common.events.contract import DataClass, Event, Topic

EPOCHS: Mapping[str, Topic] = {
    service: Topic(
        owner=service,
        noun="epoch",
        data_class=DataClass.INTERNAL,
        readers=frozenset(SERVICES) - {service},
        full_state=True,
        partitions=1,
    )
    for service in SERVICES
}


class EpochStarted(Event):
    """The log was restored: what lay beyond `restored_to` is lost and its numbers are given again."""

    epoch: int = Field(description="The new epoch (纪元)")
    restored_to: int = Field(description="Last position that survived (恢复到的位置)")


def _of(service: str) -> type[EpochStarted]:
    made: type[EpochStarted] = types.new_class(
        f"{service.title()}EpochStarted",
        (EpochStarted,),
        {"topic": EPOCHS[service], "verb": "started"},
        lambda names: names.update({"__module__": __name__, "__doc__": EpochStarted.__doc__}),
    )
    return made


EPOCH_STARTED: Mapping[str, type[EpochStarted]] = {service: _of(service) for service in SERVICES}

EVENTS: tuple[type[Event], ...] = tuple(EPOCH_STARTED.values())
"""Every event of these topics."""
