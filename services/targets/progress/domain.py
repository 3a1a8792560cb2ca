"""The roll-up 汇总: accepted figures of areas, years and plans made one, each thing counted once. Pure.

Rules, all in the base unit and exact:

1. An accepted report for an area covers everything below it: reports of smaller areas inside it, figures of
   other plans' targets that contribute to it for the same area or inside it, yearly slices, verified tasks.
   What increments cover, they cover in the days of their own period; a level or a rate covers at any time.
   Where nothing covers, what lies below is added: a missing middle level loses nothing.
2. Children that are stated shares 其中 (`part_of`) or serve the same aim (`supports`) are never added; slices
   of years and contributing targets are, what contributes only as far as done by the deadline above.
3. A rate is Σ numerators / Σ denominators, never a mean. The count behind a rate (`numerator_of`) stands for
   it where the rate itself was not reported: its population follows from the two promises, 99 / 100 % = 99.
4. A stock is the latest level of each unit in its area, added over areas that do not overlap.
5. A verified task counts once, and the same objects under one lot once, by however many ways they come.
6. `aggregation none`: nothing is added over areas; the target's own area says it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, localcontext
from uuid import UUID

from libs.common.areas import ancestors_of
from services.targets.figures.domain import Figure, Source, Total
from services.targets.targets.domain import Aggregation, Kind, Relation

_PRECISION = 60
"""Digits of a sum: more than any figures can fill, so that nothing is rounded."""


@dataclass(frozen=True)
class Node:
    """What the roll-up must know of a target; `floor` in the base unit (目标节点)."""

    id: UUID
    area: str
    kind: Kind
    floor: Decimal | None = None
    deadline: date | None = None
    parent_id: UUID | None = None
    relation: Relation | None = None
    aggregation: Aggregation = Aggregation.ADD
    asked: tuple[tuple[str, UUID], ...] = ()
    """Area and id of each allocation: a yes needs the answer of all of them."""


@dataclass(frozen=True)
class _Laid:
    """A figure with its rank among those of the same area: the lower one covers."""

    figure: Figure
    rank: int


@dataclass(frozen=True)
class Ask:
    """What is asked: as of which day, inside which area, counting from which day on."""

    day: date
    area: str = ""
    since: date = date.min


@dataclass
class Book:
    """Targets and figures of a plan and of all that counts for it (汇总依据)."""

    nodes: Mapping[UUID, Node]
    figures: Mapping[UUID, Sequence[Figure]]
    children: dict[UUID, list[Node]] = field(init=False)

    def __post_init__(self) -> None:
        """Find the children once."""
        self.children = defaultdict(list)
        for node in self.nodes.values():
            if node.parent_id is not None:
                self.children[node.parent_id].append(node)

    def total(self, target_id: UUID, ask: Ask) -> Total:
        """What the target has reached, by the rules above."""
        node = self.nodes[target_id]
        laid = sorted(self._laid(node, ask, 0, frozenset()), key=_wide_first)
        laid = [each for each in _once(laid) if each.figure.area.startswith(ask.area)]
        if node.kind.counted:
            return _increments(laid)
        if node.kind is Kind.RATE:
            return _rate(laid) if laid else self._behind(node, ask)
        if node.kind is Kind.STOCK:
            return _levels(laid)
        return _answers(laid, [each for each in node.asked if each[0].startswith(ask.area)])

    def _laid(self, node: Node, ask: Ask, rank: int, seen: frozenset[UUID]) -> Iterator[_Laid]:
        for figure in self.figures.get(node.id, ()):
            if figure.known <= ask.day and figure.first >= ask.since and _fits(node, figure):
                yield _Laid(figure, rank + (figure.source is Source.TASK))
        if node.aggregation is Aggregation.NONE:
            return
        day = min(ask.day, node.deadline or ask.day)
        for child in self.children.get(node.id, ()):
            if child.relation is not None and child.relation.adds and child.id not in seen:
                yield from self._laid(child, Ask(day, "", ask.since), rank + 2, seen | {node.id})

    def _behind(self, node: Node, ask: Ask) -> Total:
        """The rate from the count behind it."""
        counts = (c for c in self.children.get(node.id, ()) if c.relation is Relation.NUMERATOR_OF)
        for child in counts:
            told = self.total(child.id, ask)
            if told.value is not None and child.floor is not None and node.floor:
                with localcontext(prec=_PRECISION):
                    population = child.floor * 100 / node.floor
                return replace(told, value=None, numerator=told.value, denominator=population)
        return Total()


def _fits(node: Node, figure: Figure) -> bool:
    """Whether the figure says anything for its target; a task brings numbers to what is counted alone."""
    if node.aggregation is Aggregation.NONE and figure.area != node.area:
        return False
    if figure.source is Source.TASK:
        return figure.quantity is not None and (node.kind.counted or node.kind is Kind.STOCK)
    if node.kind is Kind.RATE:
        return bool(figure.denominator) and figure.numerator is not None
    return (figure.quantity if node.kind.measured else figure.done) is not None


def _wide_first(laid: _Laid) -> tuple[int, int, date, str]:
    figure = laid.figure
    return len(figure.area), laid.rank, figure.known, figure.area


def _once(laid: Iterable[_Laid]) -> Iterator[_Laid]:
    """Without what came before under the same name, the nearest to the target first."""
    seen: set[str] = set()
    ordered = sorted(laid, key=lambda each: (each.rank, each.figure.known, each.figure.once))
    kept = []
    for each in ordered:
        if seen.isdisjoint(each.figure.once):
            kept.append(each)
            seen.update(each.figure.once)
    yield from sorted(kept, key=_wide_first)


def _above(figure: Figure) -> Iterator[str]:
    yield from ancestors_of(figure.area)
    yield figure.area


def _covers(held: Mapping[str, list[_Laid]], each: _Laid, *, in_time: bool) -> bool:
    """Whether a report of a wider area, or a nearer one of the same, holds the figure already."""
    figure = each.figure
    for area in _above(figure):
        for other in held.get(area, ()):
            nearer = area != figure.area or other.rank < each.rank
            report = other.figure
            if nearer and (not in_time or (report.first <= figure.last and figure.first <= report.last)):
                return True
    return False


def _increments(laid: Sequence[_Laid]) -> Total:
    """Rule 1 in time: each figure counts unless a covering report's period overlaps its own."""
    held: dict[str, list[_Laid]] = defaultdict(list)
    added: list[Figure] = []
    for each in laid:  # wide areas first, so what may cover stands before what it covers
        if _covers(held, each, in_time=True):
            continue
        added.append(each.figure)
        if each.figure.source is Source.REPORT:
            held[each.figure.area].append(each)
    return _summed(added, len(laid) - len(added))


def _outermost(laid: Sequence[_Laid]) -> list[Figure]:
    """The latest report of each holder in the outermost areas that have any."""
    held: dict[str, list[_Laid]] = defaultdict(list)
    latest: dict[tuple[str, UUID, UUID | None], Figure] = {}
    for each in laid:
        figure = each.figure
        if figure.source is Source.TASK or _covers(held, each, in_time=False):
            continue
        held[figure.area].append(each)
        key = figure.area, figure.target_id, figure.holder
        if key not in latest or latest[key].last <= figure.last:
            latest[key] = figure
    return list(latest.values())


def _levels(laid: Sequence[_Laid]) -> Total:
    """Rule 4; what tasks brought after the level that covers their area is added to it."""
    levels = _outermost(laid)
    until: dict[str, date] = {}
    for level in levels:
        until[level.area] = max(level.last, until.get(level.area, level.last))
    tasks = (each.figure for each in laid if each.figure.source is Source.TASK)
    since = [task for task in tasks if all(until[area] < task.last for area in _above(task) if area in until)]
    return _summed([*levels, *since], len(laid) - len(levels) - len(since))


def _rate(laid: Sequence[_Laid]) -> Total:
    """Rule 3: Σ numerators and Σ denominators of areas that do not overlap."""
    parts = _outermost(laid)
    with localcontext(prec=_PRECISION):
        numerator = sum((part.numerator or Decimal(0) for part in parts), Decimal(0))
        denominator = sum((part.denominator or Decimal(0) for part in parts), Decimal(0))
    return Total(
        numerator=numerator,
        denominator=denominator,
        counted=len(parts),
        covered=len(laid) - len(parts),
        latest=max(part.last for part in parts),
    )


def _answers(laid: Sequence[_Laid], asked: Iterable[tuple[str, UUID]]) -> Total:
    """Yes where every answer is yes and everybody who was asked, or somebody above them, has answered."""
    parts = _outermost(laid)
    if not parts:
        return Total()
    holders = {part.holder for part in parts}
    silent = [
        area
        for area, holder in asked
        if holder not in holders and not any(part.area in ancestors_of(area) for part in parts)
    ]
    return Total(
        done=not silent and all(part.done for part in parts),
        counted=len(parts),
        covered=len(laid) - len(parts),
        latest=max(part.last for part in parts),
    )


def _summed(added: Sequence[Figure], covered: int) -> Total:
    if not added:
        return Total(covered=covered)
    with localcontext(prec=_PRECISION):
        value = sum((figure.quantity or Decimal(0) for figure in added), Decimal(0))
    latest = max(figure.last for figure in added)
    return Total(value, counted=len(added), covered=covered, latest=latest)
