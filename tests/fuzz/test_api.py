"""Every operation under generated requests: a small run here, a large one by `make fuzz`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fuzz.api import Budget, Found, run
from tests.fuzz.budget import Amount
from tests.fuzz.callers import CALLERS
from tests.fuzz.conftest import Target
from tests.support.servers import SERVICES

SMALL_SECONDS = 4.0

Note = Callable[[str, object], None]


def budget(amount: Amount, caller: str) -> Budget:
    """A few seconds, or all phases; every boundary of every schema as the caller who gets furthest."""
    if not amount.cases:
        return Budget(amount.seed, examples=1, coverage=False, steps=0, seconds=SMALL_SECONDS)
    return Budget(amount.seed, examples=4, coverage=caller == "office", steps=12)


@pytest.mark.parametrize("service", SERVICES)
def test_operations(target: Target, service: str, amount: Amount, record_property: Note) -> None:
    """No answer of class 5xx, none outside the document, nothing left that a consumer cannot digest."""
    total = Found()
    while True:
        for caller in CALLERS if amount.cases else ("office",):
            total += run(target.url, service, caller, target.callers, budget(amount, caller))
            amount.note(f"{service} as {caller}, {total.told()}")
        if total.cases >= amount.cases // len(SERVICES):
            break
        amount = amount.again()
    record_property("figures", f"fuzz {service}: {total.told()}, seed {amount.seed}")
    assert total.faults == {}
    assert target.background() == ""


@pytest.mark.parametrize("service", SERVICES)
def test_links_lead_from_what_is_made_to_what_can_be_done(target: Target, service: str) -> None:
    document = target.document(service)
    linked = {
        name
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for name in response.get("links", {})
    }
    known = {operation["operationId"] for item in document["paths"].values() for operation in item.values()}
    assert linked
    assert linked <= known
