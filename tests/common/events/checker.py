"""The checker: what a stream of (aggregate, version) lost, repeated or turned round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select

from libs.common.db import Database
from libs.common.events.models import EventLog

Sighting = tuple[UUID, int]


@dataclass(frozen=True)
class Faults:
    """How often a version was missing, seen again, or seen after a later one."""

    missing: int
    repeated: int
    inverted: int

    @property
    def none(self) -> bool:
        """Whether all is well."""
        return (self.missing, self.repeated, self.inverted) == (0, 0, 0)


def faults_of(sightings: Iterable[Sighting], expected: dict[UUID, int] | None = None) -> Faults:
    """Compare what was seen with the versions 1..n of each aggregate; n is what was seen, or `expected`."""
    seen: dict[UUID, list[int]] = defaultdict(list)
    for aggregate, version in sightings:
        seen[aggregate].append(version)
    missing = repeated = inverted = 0
    for aggregate, versions in {**{key: [] for key in expected or {}}, **seen}.items():
        last = (expected or {}).get(aggregate, max(versions, default=0))
        missing += len(set(range(1, last + 1)) - set(versions))
        repeated += len(versions) - len(set(versions))
        inverted += sum(later < earlier for earlier, later in pairwise(versions))
    return Faults(missing, repeated, inverted)


async def read_log(store: Database) -> list[Sighting]:
    """The log's aggregates and versions in order of position, restatements apart."""
    rows = await store.read(
        lambda s: s.execute(
            select(EventLog.aggregate_id, EventLog.version)
            .where(EventLog.restatement.is_(False))
            .order_by(EventLog.position)
        )
    )
    return [(row.aggregate_id, row.version) for row in rows]


async def positions(store: Database) -> list[int]:
    """Every position of the log."""
    rows = await store.read(lambda s: s.scalars(select(EventLog.position).order_by(EventLog.position)))
    return list(rows)
