"""The order of queued operations, and what stands against one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar
from uuid import UUID

from libs.common.errors import Conflict, DomainError, Invalid


class PriorFailed(Conflict):
    """The operation that this one stands behind was refused (前一操作未成功)."""

    code = "prior-operation-failed"
    zh = "所依赖的前一操作 {after} 未成功，本操作未执行"
    en = "The operation {after}, behind which this one stands, was refused: this one was not carried out"


class PriorUnknown(Conflict):
    """The operation named by `after` was never done on this case (前一操作不存在)."""

    code = "prior-operation-unknown"
    zh = "前一操作 {after} 不在队列中，也未曾对该案件执行"
    en = "The operation {after} is neither in the queue nor was it ever carried out on this case"


class OperationReused(Invalid):
    """The operation was done before with other content (操作标识已用于其他内容)."""

    code = "operation-id-reused"
    zh = "操作标识 {operation} 已用于内容不同的操作"
    en = "The operation id {operation} was used before with a different content"


@contextmanager
def inside(place: str) -> Iterator[None]:
    """Let what is wrong inside of a part of the item point there."""
    try:
        yield
    except DomainError as error:
        error.pointer = None if error.pointer is None else f"{place}{error.pointer}"
        raise


class Queued(Protocol):
    """What the order of a queue follows from."""

    @property
    def id(self) -> UUID: ...
    @property
    def case_id(self) -> UUID: ...
    @property
    def after(self) -> UUID | None: ...


Q = TypeVar("Q", bound=Queued)


def lanes(queue: Iterable[Q]) -> list[list[Q]]:
    """The queue by case, the order within each kept, but what stands `after` another goes behind it."""
    by_case: dict[UUID, list[Q]] = {}
    for each in queue:
        by_case.setdefault(each.case_id, []).append(each)
    return [_in_order(lane) for lane in by_case.values()]


def _in_order(lane: Sequence[Q]) -> list[Q]:
    """Who stands in a circle is left as queued: the first of them will miss the one before it."""
    by_id: dict[UUID, list[Q]] = {}
    for each in lane:
        by_id.setdefault(each.id, []).append(each)
    made: list[Q] = []
    placed: set[int] = set()
    for each in lane:
        chain = [each]
        seen = {each.id}
        while (before := chain[-1].after) is not None and before in by_id and before not in seen:
            seen.add(before)
            chain.append(by_id[before][0])
            if id(chain[-1]) in placed:
                break
        for link in reversed(chain):
            if id(link) not in placed:
                placed.add(id(link))
                made.append(link)
    return made
