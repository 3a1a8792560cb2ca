from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from libs.common.areas import AreaCodeInvalid
from libs.common.errors import DomainError
from libs.common.ids import new_id
from services.targets.plans.domain import (
    LIFE,
    ParentPlanInvalid,
    PeriodInverted,
    PlanConcluded,
    PlanState,
    check_open,
    check_plan,
    is_over,
)
from tests.support.lifecycles import check_machine
from tests.targets.factories import plan_fields


def test_the_life_of_a_plan_keeps_its_rules() -> None:
    check_machine(LIFE)
    assert LIFE.finals == {PlanState.CONCLUDED}


@pytest.mark.parametrize(
    "overrides, refusal",
    [
        ({"area": "31000"}, AreaCodeInvalid),
        ({"period_to": date(2025, 12, 31)}, PeriodInverted),
    ],
)
def test_what_a_plan_is_refused_for(overrides: dict[str, Any], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_plan(new_id(), plan_fields(**overrides))


def test_a_plan_is_not_above_itself() -> None:
    key = new_id()
    with pytest.raises(ParentPlanInvalid):
        check_plan(key, plan_fields(parent_id=key))


@pytest.mark.parametrize("state", PlanState)
def test_only_a_concluded_plan_is_closed_to_changes(state: PlanState) -> None:
    if state is PlanState.CONCLUDED:
        with pytest.raises(PlanConcluded):
            check_open(state, "计划")
    else:
        check_open(state, "计划")


@pytest.mark.parametrize(
    "last, today, over",
    [
        (None, date(2099, 1, 1), False),
        (date(2020, 12, 31), date(2020, 12, 31), False),
        (date(2020, 12, 31), date(2021, 1, 1), True),
    ],
)
def test_a_period_is_over_the_day_after_its_last(last: date | None, today: date, *, over: bool) -> None:
    assert is_over(last, today) is over


def test_the_digest_tells_every_field() -> None:
    assert plan_fields().digest == plan_fields().digest
    assert plan_fields().digest != plan_fields(title_en="Other").digest
