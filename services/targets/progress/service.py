"""Use cases of progress: load a whole plan in a few statements, say how each target stands. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.quantities import from_base, plain, to_base
from services.targets.allocations import service as allocations
from services.targets.allocations.service import Allocation
from services.targets.contributions import service as contributions
from services.targets.figures.domain import Figure, Total
from services.targets.lights.domain import (
    Held,
    Judgement,
    Light,
    Reason,
    Thresholds,
    Verdict,
    Yardstick,
    judge,
    window,
)
from services.targets.plans import service as plans
from services.targets.plans.domain import PlanState
from services.targets.plans.service import Plan
from services.targets.progress.domain import Ask, Book, Node
from services.targets.reports import service as reports
from services.targets.reports.service import Due
from services.targets.rules import service as rules
from services.targets.targets import service as targets
from services.targets.targets.domain import (
    Aggregation,
    Comparator,
    Kind,
    Recurrence,
    Relation,
    milestones_of,
    slices_of,
)
from services.targets.targets.service import Target, TargetValue

_ADDING = frozenset({Relation.SLICE_OF, Relation.CONTRIBUTES_TO, Relation.NUMERATOR_OF})
_DEPTH = 10
_PRECISION = 60
_SHOWN = Decimal("0.0001")


@dataclass(frozen=True)
class Ledger:
    """All that is needed to say how the targets of a plan stand on any day (台账)."""

    asked: Sequence[Target]
    """The targets that were asked for; the others only count for them."""
    targets: Mapping[UUID, Target]
    plans: Mapping[UUID, Plan]
    values: Mapping[UUID, Sequence[TargetValue]]
    shares: Mapping[UUID, Sequence[Allocation]]
    due: Mapping[UUID, Sequence[Due]]
    figures: Mapping[UUID, Sequence[Figure]]
    thresholds: Thresholds


@dataclass(frozen=True)
class Standing:
    """How a target stands as of a day, all of it or in one area (进度)."""

    target: Target
    as_of: date
    area: str
    total: Total
    judgement: Judgement
    goal: Decimal | None
    """What is to be reached at least, in the base unit, or per cent."""
    since: date | None
    """First day of the period in which a recurring target counts afresh."""
    missed_periods: int
    """Earlier periods of a recurring target that missed."""

    @property
    def value(self) -> Decimal | None:
        """What was reached, in the target's unit; of a rate per cent, cut (not rounded) to two decimals."""
        exact = self.total.exact
        if exact is None:
            return None
        if Kind(self.target.kind) is Kind.RATE:
            return plain(Decimal(exact.numerator * 100 // exact.denominator).scaleb(-2))
        return self.in_unit(self.total.value)

    @property
    def scheduled(self) -> Decimal | None:
        """What the schedule asks on the day judged, in the target's unit, to four decimals."""
        asked = self.judgement.scheduled
        if asked is None:
            return None
        with localcontext(prec=_PRECISION):
            told = Decimal(asked.numerator) / Decimal(asked.denominator)
            shown = self.in_unit(told) or Decimal(0)
            return plain(shown.quantize(_SHOWN, ROUND_HALF_UP))

    def in_unit(self, value: Decimal | None) -> Decimal | None:
        """A figure of the base unit in the target's unit."""
        if value is None or self.target.unit is None:
            return value
        return from_base(value, self.target.unit)


async def ledger(session: AsyncSession, asked: Sequence[Target]) -> Ledger:
    """Load the targets with everything that counts for them.

    The number of statements does not depend on how many targets there are.
    """
    family = await _family(session, asked)
    figures: dict[UUID, list[Figure]] = {}
    for figure in (
        *await reports.figures(session, family),
        *await contributions.figures(session, family),
    ):
        figures.setdefault(figure.target_id, []).append(figure)
    rule = (await rules.rules(session)).lights
    return Ledger(
        asked=asked,
        targets=family,
        plans=await plans.read_many(session, {each.plan_id for each in family.values()}),
        values=await targets.values_of(session, family),
        shares=await allocations.of_targets(session, family),
        due=await reports.due(session, family),
        figures=figures,
        thresholds=Thresholds(rule.green, rule.yellow, rule.near_days),
    )


async def of_plan(session: AsyncSession, plan_id: UUID) -> Ledger:
    """The ledger of a plan."""
    return await ledger(session, await targets.of_plans(session, [plan_id]))


async def _family(session: AsyncSession, asked: Sequence[Target]) -> dict[UUID, Target]:
    """The targets and all below them that may be added, one statement for each level."""
    found = {each.id: each for each in asked}
    level: Collection[UUID] = list(found)
    for _ in range(_DEPTH):
        below = await targets.children(session, level) if level else ()
        new = [each for each in below if each.id not in found and _adds(each)]
        found.update({each.id: each for each in new})
        level = [each.id for each in new]
    return found


def _adds(target: Target) -> bool:
    return target.relation is not None and Relation(target.relation) in _ADDING


def standings(found: Ledger, day: date) -> list[Standing]:
    """How each target that was asked for stands as of the local day."""
    book = _book(found, day)
    return [_standing(found, book, target, day, None) for target in found.asked]


def standing(found: Ledger, target_id: UUID, day: date, area: str | None = None) -> Standing:
    """How one target stands as of the local day, all of it or in an area of its own."""
    return _standing(found, _book(found, day), found.targets[target_id], day, area)


def by_area(found: Ledger, target_id: UUID, day: date) -> list[Standing]:
    """How the target stands in each area that has a share of it."""
    book, target = _book(found, day), found.targets[target_id]
    areas = sorted({share.area for share in found.shares.get(target_id, ())})
    return [_standing(found, book, target, day, area) for area in areas if area != target.area]


def _book(found: Ledger, day: date) -> Book:
    nodes = {}
    for target in found.targets.values():
        floor, deadline = _promise(found, target, day)
        nodes[target.id] = Node(
            id=target.id,
            area=target.area,
            kind=Kind(target.kind),
            floor=floor,
            deadline=deadline,
            parent_id=target.parent_id,
            relation=Relation(target.relation) if target.relation else None,
            aggregation=Aggregation(target.aggregation),
            asked=tuple((share.area, share.id) for share in found.shares.get(target.id, ())),
        )
    return Book(nodes, found.figures)


def _promise(found: Ledger, target: Target, day: date) -> tuple[Decimal | None, date | None]:
    """The figure and the deadline that counted on the day."""
    values = found.values.get(target.id)
    told = targets.value_on(values, day) if values else target
    return told.base_value, told.deadline


def _standing(found: Ledger, book: Book, target: Target, day: date, area: str | None) -> Standing:
    shares = [each for each in found.shares.get(target.id, ()) if each.area.startswith(area or "")]
    asked = bool(shares) or target.id in found.due
    judged_on = _judged_on(found.due.get(target.id, ()), day) if asked else day
    whole = _yardstick(found, target, day, area)
    yard, since = _window(target, whole, judged_on or day)
    until = day if since is None or yard.deadline is None else min(day, yard.deadline)
    ask = Ask(until, area or "", since or date.min)
    missed = _missed_periods(book, target, whole, ask)
    judgement = judge(yard, _held(book, target, ask, yard, asked=asked), judged_on, found.thresholds)
    judgement = _in_plan(found.plans[target.plan_id], target, day, _final(judgement, yard, missed))
    total = book.total(target.id, ask)
    return Standing(target, day, area or target.area, total, judgement, yard.floor, since, missed)


def _judged_on(due: Sequence[Due], day: date) -> date | None:
    """The last day whose reports are due or all accepted; None as long as there is none."""
    told = [each.last for each in due if each.last <= day and (each.due_on < day or each.accepted)]
    return max(told, default=None)


def _held(book: Book, target: Target, ask: Ask, yard: Yardstick, *, asked: bool) -> Held:
    now = book.total(target.id, ask)
    then = now
    if yard.deadline is not None and yard.deadline < ask.day:
        then = book.total(target.id, replace(ask, day=yard.deadline))
    return Held(now.exact, then.exact, now.done, then.done, asked=asked)


def _yardstick(found: Ledger, target: Target, day: date, area: str | None) -> Yardstick:
    floor, deadline = _promise(found, target, day)
    plan = found.plans[target.plan_id]
    whole = Yardstick(
        kind=Kind(target.kind),
        floor=floor,
        baseline=_base(target, target.baseline),
        start=target.start or plan.period_from,
        deadline=deadline,
        points=_points(target, target.start or plan.period_from, deadline),
        at_most=target.comparator == Comparator.LTE,
        soft=target.soft,
        already_met=target.already_met,
    )
    return whole if area is None or area == target.area else _share_of(found, target, whole, area)


def _base(target: Target, value: Decimal | None) -> Decimal | None:
    return None if value is None or target.unit is None else to_base(value, target.unit)


def _points(target: Target, start: date | None, deadline: date | None) -> tuple[tuple[date, Decimal], ...]:
    """Milestones with a figure, and the ends of years where every year has one."""
    marks = [(each.by, _base(target, each.value)) for each in milestones_of(target.milestones)]
    points = [(by, value) for by, value in marks if value is not None]
    years = {each.year: _base(target, each.value) for each in slices_of(target.annual)}
    if start is None or deadline is None or not Kind(target.kind).counted:
        return tuple(points)
    reached = Decimal(0)
    spans = [years.get(year) for year in range(start.year, deadline.year + 1)]
    if all(value is not None for value in spans):
        for year, value in zip(range(start.year, deadline.year), spans, strict=False):
            reached += value or Decimal(0)
            points.append((date(year, 12, 31), reached))
    return tuple(points)


def _share_of(found: Ledger, target: Target, whole: Yardstick, area: str) -> Yardstick:
    """The yardstick of an area: the sum of its shares, of a rate the one that it was given."""
    shares = [
        share.base_share
        for share in found.shares.get(target.id, ())
        if share.area.startswith(area) and share.base_share is not None
    ]
    if whole.kind is Kind.RATE:
        return replace(whole, floor=shares[0] if len(shares) == 1 else whole.floor, points=())
    if not whole.kind.measured:
        return whole
    with localcontext(prec=_PRECISION):
        floor = sum(shares, Decimal(0)) if shares else None
        scale = Decimal(0) if not floor or not whole.floor else floor / whole.floor
        points = tuple((by, value * scale) for by, value in whole.points)
        baseline = None if whole.baseline is None else whole.baseline * scale
    return replace(whole, floor=floor, points=points, baseline=baseline)


def _window(target: Target, yard: Yardstick, day: date) -> tuple[Yardstick, date | None]:
    """The yardstick of the period in which a recurring target counts, and its first day."""
    if target.recurrence is None or yard.deadline is None:
        return yard, None
    first, last = window(Recurrence(target.recurrence), min(day, yard.deadline))
    start = max(first, yard.start or first)
    return replace(yard, start=start, deadline=min(last, yard.deadline), points=()), first


def _missed_periods(book: Book, target: Target, whole: Yardstick, ask: Ask) -> int:
    """How many periods of a recurring target before the one asked for did not reach its figure."""
    if target.recurrence is None or ask.since is date.min or whole.start is None or whole.floor is None:
        return 0
    missed, day = 0, ask.since - timedelta(days=1)
    while day >= whole.start:
        first, last = window(Recurrence(target.recurrence), day)
        reached = book.total(target.id, Ask(last, ask.area, first)).exact
        missed += reached is None or reached < Fraction(whole.floor)
        day = first - timedelta(days=1)
    return missed


def _final(judgement: Judgement, yard: Yardstick, missed: int) -> Judgement:
    """A recurring target is met where every period was."""
    if not missed or judgement.verdict not in (Verdict.MET, Verdict.MET_LATE):
        return judgement
    return replace(judgement, verdict=Verdict.SOFT_MISSED if yard.soft else Verdict.MISSED)


def _in_plan(plan: Plan, target: Target, day: date, judgement: Judgement) -> Judgement:
    """No light in a draft, and none after the plan is concluded, but the verdict stays."""
    if plan.state == PlanState.DRAFT:
        return Judgement(Light.GREY, Reason.DRAFT)
    ended = plan.period_to or (local_date(plan.concluded_at) if plan.concluded_at else None)
    over = plan.state == PlanState.CONCLUDED and ended is not None and day > ended
    if over and not target.outlives:
        return replace(judgement, light=Light.GREY, reason=Reason.CONCLUDED)
    return judgement
