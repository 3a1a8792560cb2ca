from __future__ import annotations

from decimal import Decimal

import pytest

from libs.common.ids import new_id
from services.targets.contributions.domain import Counted, Reason, contribution_id, names_of, weigh
from services.targets.targets.domain import Kind

D = Decimal


@pytest.mark.parametrize(
    ("kind", "unit", "quantity", "given", "expected"),
    [
        (Kind.COUNT, "facility", D(8), "facility", Counted(Reason.COUNTS, D(8))),
        (Kind.SUM, "wan_m2", D("5.9017"), "wan_m2", Counted(Reason.COUNTS, D(59017))),
        (Kind.SUM, "wan_m2", D(59017), "m2", Counted(Reason.COUNTS, D(59017))),
        (Kind.STOCK, "site", D(1), "site", Counted(Reason.COUNTS, D(1))),
        (Kind.COUNT, "facility", None, None, Counted(Reason.SUPPORTS)),
        (Kind.COUNT, "facility", D(8), None, Counted(Reason.SUPPORTS)),
        (Kind.COUNT, "facility", D(8), "estate", Counted(Reason.UNIT_DIFFERS)),
        (Kind.COUNT, "facility", D(8), "charger", Counted(Reason.UNIT_DIFFERS)),
        (Kind.COUNT, "facility", D(0), "facility", Counted(Reason.UNIT_DIFFERS)),
        (Kind.COUNT, None, D(8), "facility", Counted(Reason.UNIT_DIFFERS)),
        (Kind.RATE, "percent", D(8), "percent", Counted(Reason.NO_QUANTITY)),
        (Kind.QUALITATIVE, None, D(8), "estate", Counted(Reason.NO_QUANTITY)),
        (Kind.QUALITATIVE, None, None, None, Counted(Reason.SUPPORTS)),
        (None, None, D(8), "estate", Counted(Reason.TARGET_UNKNOWN)),
    ],
)
def test_what_a_link_brings(
    kind: Kind | None, unit: str | None, quantity: Decimal | None, given: str | None, expected: Counted
) -> None:
    assert weigh(kind, unit, quantity, given) == expected


def test_names_under_which_it_may_come_again() -> None:
    task = new_id()
    assert names_of(task, None) == (f"task:{task}",)
    assert names_of(task, "kq-chargers") == (f"task:{task}", "lot:kq-chargers")
    assert contribution_id(task, task) == contribution_id(task, task)
