"""Every statement on reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, and_, false, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from libs.common.policy import BY_UNIT, Principal
from libs.common.scoping import in_scope, within
from services.targets.reports.domain import State
from services.targets.reports.models import Report, ReportVersion

_OPEN = literal_column("state IN ('expected', 'sent_back')", Boolean())
"""As the partial indexes have it, word for word."""
_SUBMITTED = literal_column("state = 'submitted'", Boolean())


class Show(StrEnum):
    """Named shapes of a list (列表范围)."""

    ALL = "all"  # 全部
    TURN = "turn"  # 待本单位填报
    WAITING = "waiting"  # 待审定
    MISSED = "missed"  # 逾期未报


@dataclass(frozen=True)
class ReportFilter:
    """What a list is narrowed to."""

    show: Show = Show.ALL
    target_id: UUID | None = None
    area: str | None = None
    state: State | None = None


@dataclass(frozen=True)
class Due:
    """The reports of a target on one period end: when the last is due, and how they stand (到期填报)."""

    last: date
    due_on: date
    accepted: bool
    """All of them count."""


async def find(session: AsyncSession, report_id: UUID) -> Report | None:
    """The report."""
    return await session.get(Report, report_id, populate_existing=True)


async def lock(session: AsyncSession, report_id: UUID) -> Report | None:
    """The report, its row locked."""
    return await session.get(Report, report_id, with_for_update=True, populate_existing=True)


async def add_expected(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> Sequence[Report]:
    """Put in what is not expected yet; answers the new ones."""
    made = insert(Report).values(rows).on_conflict_do_nothing().returning(Report)
    return (await session.scalars(made)).all()


async def add_version(session: AsyncSession, version: ReportVersion) -> None:
    """Keep a version."""
    session.add(version)
    await session.flush()


async def versions(session: AsyncSession, report_id: UUID) -> Sequence[ReportVersion]:
    """The versions of a report, oldest first."""
    rows = select(ReportVersion).where(ReportVersion.report_id == report_id)
    return (await session.scalars(rows.order_by(ReportVersion.revision))).all()


async def version(session: AsyncSession, report_id: UUID, revision: int) -> ReportVersion:
    """One version, for its decision."""
    found = await session.get(ReportVersion, (report_id, revision), populate_existing=True)
    assert found is not None, "a report has every version that it counts"
    return found


async def last_periods(session: AsyncSession, allocation_ids: Collection[UUID]) -> dict[UUID, date]:
    """The end of the last period that is expected of each allocation."""
    rows = (
        select(Report.allocation_id, func.max(Report.period_last))
        .where(Report.allocation_id.in_(list(allocation_ids)))
        .group_by(Report.allocation_id)
    )
    found = await session.execute(rows)
    return {row[0]: row[1] for row in found}


async def needless(session: AsyncSession, needed: Collection[UUID], limit: int) -> Sequence[Report]:
    """Reports that a unit still owes of shares that are not among the needed, locked."""
    rows = select(Report).where(_OPEN)
    if needed:
        rows = rows.where(Report.allocation_id.not_in(list(needed)))
    rows = rows.order_by(Report.unit_id, Report.due_on, Report.id).limit(limit)
    return (await session.scalars(rows.with_for_update(skip_locked=True))).all()


async def claim_missed(session: AsyncSession, today: date, limit: int) -> Sequence[Report]:
    """Reports whose last day has passed unreported and that are not marked yet, locked."""
    rows = (
        select(Report)
        .where(_OPEN, Report.missed_at.is_(None), Report.due_on < today)
        .order_by(Report.due_on, Report.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(rows)).all()


def narrowed(narrow: ReportFilter, viewer: Principal) -> Select[Report]:
    """The reports that the viewer sees."""
    rows = select(Report).where(visible(viewer, narrow.area))
    if narrow.target_id:
        rows = rows.where(Report.target_id == narrow.target_id)
    if narrow.state:
        rows = rows.where(Report.state == narrow.state)
    shapes = {
        Show.TURN: (_OPEN,),
        Show.WAITING: (_SUBMITTED,),
        Show.MISSED: (_OPEN, Report.missed_at.is_not(None)),
    }
    return rows.where(*shapes.get(narrow.show, ()))


async def by_due(
    session: AsyncSession, rows: Select[Report], limit: int, after: tuple[Any, ...] | None
) -> Sequence[Report]:
    """Those that are due first, first."""
    if after is not None:
        rows = rows.where(tuple_(Report.due_on, Report.id) > after)
    return (await session.scalars(rows.order_by(Report.due_on, Report.id).limit(limit))).all()


async def newest(
    session: AsyncSession, rows: Select[Report], limit: int, after: tuple[Any, ...] | None
) -> Sequence[Report]:
    """The newest periods first."""
    if after is not None:
        rows = rows.where(tuple_(Report.period_last, Report.id) < after)
    order = rows.order_by(Report.period_last.desc(), Report.id.desc())
    return (await session.scalars(order.limit(limit))).all()


async def count(session: AsyncSession, rows: Select[Report]) -> int:
    """How many there are."""
    counted = rows.with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def accepted(
    session: AsyncSession, target_ids: Collection[UUID]
) -> Sequence[tuple[Report, ReportVersion]]:
    """The reports of the targets that count, each with the version that does."""
    rows = (
        select(Report, ReportVersion)
        .join(
            ReportVersion,
            and_(
                ReportVersion.report_id == Report.id,
                ReportVersion.revision == Report.accepted_revision,
            ),
        )
        .where(Report.target_id.in_(list(target_ids)))
    )
    return [(report, version) for report, version in await session.execute(rows)]


async def due(session: AsyncSession, target_ids: Collection[UUID]) -> dict[UUID, list[Due]]:
    """The period ends on which somebody was expected to report, by target, oldest first."""
    rows = (
        select(
            Report.target_id,
            Report.period_last,
            func.max(Report.due_on),
            func.bool_and(Report.accepted_revision.is_not(None)),
        )
        .where(Report.target_id.in_(list(target_ids)), Report.state != State.VOID)
        .group_by(Report.target_id, Report.period_last)
        .order_by(Report.target_id, Report.period_last)
    )
    found: dict[UUID, list[Due]] = defaultdict(list)
    for target_id, last, due_on, all_accepted in await session.execute(rows):
        found[target_id].append(Due(last, due_on, all_accepted))
    return dict(found)


async def of_targets(session: AsyncSession, target_ids: Collection[UUID], day: date) -> Sequence[Report]:
    """The reports of the targets on periods that were due by the day, but for those that are void."""
    rows = (
        select(Report)
        .where(Report.target_id.in_(list(target_ids)), Report.due_on <= day, Report.state != State.VOID)
        .order_by(Report.due_on, Report.area, Report.id)
    )
    return (await session.scalars(rows)).all()


async def last_decision(session: AsyncSession) -> datetime | None:
    """When a report was decided on last."""
    return await session.scalar(select(func.max(Report.decided_at)))


async def history(session: AsyncSession, report_id: UUID) -> Sequence[History]:
    """The report's steps, oldest first."""
    rows = select(History).where(History.aggregate_id == report_id, History.aggregate_type == "report")
    return (await session.scalars(rows.order_by(History.version))).all()


def visible(viewer: Principal, asked: str | None = None) -> ColumnElement[bool]:
    """What the viewer sees, inside the area `asked` for: a unit its own, others those of their areas."""
    seen: list[ColumnElement[bool]] = [false()]
    if viewer.unit_id is not None:
        own = Report.unit_id == viewer.unit_id
        seen.append(own if asked is None else and_(own, within(Report.area, [asked])))
    if viewer.roles - BY_UNIT:
        seen.append(in_scope(viewer, Report.area, asked=asked))
    return or_(*seen)


async def find_visible(session: AsyncSession, report_id: UUID, viewer: Principal) -> Report | None:
    """The report, if the viewer may see it."""
    return await session.scalar(select(Report).where(Report.id == report_id, visible(viewer)))
