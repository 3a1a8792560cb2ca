from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from libs.common.errors import DomainError
from libs.common.ids import new_id
from libs.common.quantities import UnitOfMeasureUnknown
from services.targets.plans.domain import PlanLevel, PlanState
from services.targets.targets.domain import (
    Aggregation,
    Comparator,
    Kind,
    Milestone,
    Relation,
    Responsible,
    Role,
    TargetFields,
    Wanted,
    YearSlice,
    is_judged,
    is_unassigned,
    milestones_of,
    outlives_plan,
    parts_told,
    responsible_of,
    slices_of,
)
from services.targets.targets.refusals import (
    DatesInverted,
    RangeInverted,
    RelationImpossible,
    ValueNotFitting,
    check_relation,
    check_target,
    check_wanted,
)

ONE, TWO = Decimal(1), Decimal(2)
REACH = Comparator.REACH


def target(code: str = "T", **overrides: Any) -> TargetFields:
    """A sum of 180 万㎡ in Putuo."""
    values: dict[str, Any] = {
        "code": code,
        "plan_id": new_id(),
        "title_zh": "修缮",
        "title_en": "Repair",
        "level": PlanLevel.DISTRICT,
        "area": "310107",
        "kind": Kind.SUM,
        "wanted": Wanted(Decimal(180), comparator=REACH, unit="wan_m2"),
    }
    return TargetFields(**(values | overrides))


@pytest.mark.parametrize(
    "kind, wanted, refusal",
    [
        (Kind.SUM, Wanted(ONE, comparator=REACH, unit="wan_m2"), None),
        (Kind.SUM, Wanted(), None),
        (Kind.QUALITATIVE, Wanted(), None),
        (Kind.COUNT, Wanted(None, ONE, TWO, Comparator.RANGE, "estate"), None),
        (Kind.RATE, Wanted(ONE, comparator=Comparator.GTE, unit="percent"), None),
        (Kind.QUALITATIVE, Wanted(ONE, comparator=REACH, unit="estate"), ValueNotFitting),
        (Kind.BOOLEAN, Wanted(unit="estate"), ValueNotFitting),
        (Kind.COUNT, Wanted(ONE, comparator=REACH), ValueNotFitting),
        (Kind.COUNT, Wanted(ONE, unit="estate"), ValueNotFitting),
        (Kind.RATE, Wanted(ONE, comparator=REACH, unit="estate"), ValueNotFitting),
        (Kind.COUNT, Wanted(None, TWO, ONE, Comparator.RANGE, "estate"), RangeInverted),
        (Kind.COUNT, Wanted(None, ONE, None, Comparator.RANGE, "estate"), ValueNotFitting),
        (Kind.COUNT, Wanted(ONE, ONE, TWO, Comparator.RANGE, "estate"), ValueNotFitting),
        (Kind.COUNT, Wanted(ONE, ONE, TWO, REACH, "estate"), ValueNotFitting),
        (Kind.COUNT, Wanted(ONE, comparator=REACH, unit="mu"), UnitOfMeasureUnknown),
    ],
)
def test_the_figure_fits_the_kind(kind: Kind, wanted: Wanted, refusal: type[DomainError] | None) -> None:
    if refusal is None:
        check_wanted(kind, wanted)
    else:
        with pytest.raises(refusal):
            check_wanted(kind, wanted)


@pytest.mark.parametrize(
    "wanted, floor",
    [
        (Wanted(Decimal("5.9017"), comparator=REACH, unit="wan_m2"), Decimal(59017)),
        (Wanted(None, ONE, TWO, Comparator.RANGE, "estate"), ONE),
        (Wanted(), None),
    ],
)
def test_what_must_be_reached_at_least(wanted: Wanted, floor: Decimal | None) -> None:
    assert wanted.floor == floor


def test_dates_and_half_a_relation_are_refused() -> None:
    with pytest.raises(DatesInverted):
        check_target(target(start=date(2020, 1, 2), deadline=date(2020, 1, 1)))
    with pytest.raises(RelationImpossible):
        check_target(target(relation=Relation.SUPPORTS))
    with pytest.raises(RelationImpossible):
        check_target(target(parent_id=new_id()))


RATE = {"kind": Kind.RATE, "wanted": Wanted(ONE, comparator=REACH, unit="percent")}
COUNT = {"kind": Kind.COUNT, "wanted": Wanted(ONE, comparator=REACH, unit="estate")}
M2 = {"wanted": Wanted(ONE, comparator=REACH, unit="m2")}


@pytest.mark.parametrize(
    "relation, child, parent, holds",
    [
        (Relation.CONTRIBUTES_TO, M2, {"area": "31"}, True),
        (Relation.CONTRIBUTES_TO, {}, {"area": "310101"}, False),
        (Relation.CONTRIBUTES_TO, COUNT, {}, False),
        (Relation.CONTRIBUTES_TO, RATE, RATE, True),
        (Relation.CONTRIBUTES_TO, {}, {"aggregation": Aggregation.NONE}, False),
        (Relation.PART_OF, {}, {}, True),
        (Relation.PART_OF, COUNT, {}, False),
        (Relation.SLICE_OF, {}, {}, True),
        (Relation.SLICE_OF, {"aggregation": Aggregation.NONE}, {}, False),
        (Relation.NUMERATOR_OF, COUNT, RATE, True),
        (Relation.NUMERATOR_OF, COUNT, {}, False),
        (Relation.NUMERATOR_OF, {"kind": Kind.QUALITATIVE, "wanted": Wanted()}, RATE, False),
        (Relation.SUPPORTS, RATE, {"area": "310101"}, True),
    ],
)
def test_how_a_target_can_stand_to_another(
    relation: Relation, child: dict[str, Any], parent: dict[str, Any], *, holds: bool
) -> None:
    below = target("C", relation=relation, parent_id=new_id(), **child)
    above = target("P", **parent)
    if holds:
        check_relation(below, above, ())
    else:
        with pytest.raises(RelationImpossible):
            check_relation(below, above, ())


def test_a_target_is_never_above_itself() -> None:
    below = target("C", relation=Relation.SUPPORTS, parent_id=new_id())
    with pytest.raises(RelationImpossible):
        check_relation(below, target("P"), ["X", "C"])
    with pytest.raises(RelationImpossible):
        check_relation(below, target("C"), ())


@pytest.mark.parametrize(
    "state, outlives, met, judged",
    [
        (PlanState.DRAFT, False, False, False),
        (PlanState.DRAFT, True, False, False),
        (PlanState.IN_FORCE, False, False, True),
        (PlanState.CONCLUDED, False, False, False),
        (PlanState.CONCLUDED, True, False, True),
        (PlanState.IN_FORCE, False, True, False),
    ],
)
def test_what_is_judged(state: PlanState, *, outlives: bool, met: bool, judged: bool) -> None:
    assert is_judged(state, outlives=outlives, already_met=met) is judged


@pytest.mark.parametrize(
    "deadline, ends, outlives",
    [
        (date(2023, 12, 31), date(2020, 12, 31), True),
        (date(2020, 12, 31), date(2020, 12, 31), False),
        (date(2023, 12, 31), None, False),
        (None, date(2020, 12, 31), False),
    ],
)
def test_what_outlives_its_plan(deadline: date | None, ends: date | None, *, outlives: bool) -> None:
    assert outlives_plan(deadline, ends) is outlives


def test_parts_are_the_same_after_json() -> None:
    named = (Responsible("区房管局", Role.LEAD, new_id()), Responsible("各街镇"))
    steps = (Milestone("过半", "Half", date(2020, 6, 30), Decimal("27.75"), inferred=True),)
    years = (YearSlice(2008, Decimal(80)), YearSlice(2009, stage_zh="总结", stage_en="Review"))
    assert responsible_of(parts_told(named)) == named
    assert milestones_of(parts_told(steps)) == steps
    assert slices_of(parts_told(years)) == years
    assert parts_told(steps)[0]["value"] == "27.75"
    assert not is_unassigned(named)
    assert is_unassigned(named[1:])
