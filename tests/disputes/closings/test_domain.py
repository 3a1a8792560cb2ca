"""What a closing needs."""

from __future__ import annotations

from datetime import datetime

import pytest

from libs.common.errors import DomainError
from services.disputes.closings.domain import AgreementNotInEffect, RemediesMissing, check_closing
from services.disputes.disputes.domain import Remedy, State
from tests.disputes.factories import MONDAY

BOTH = (Remedy.ARBITRATION, Remedy.COURT)


@pytest.mark.parametrize(
    ("state", "effective_at", "remedies", "error"),
    [
        (State.AGREED, MONDAY, (), None),
        (State.AGREED, None, BOTH, AgreementNotInEffect),
        (State.REFUSED, None, BOTH, None),
        (State.FAILED, None, (*BOTH, Remedy.ADMINISTRATIVE), None),
        (State.FAILED, None, (Remedy.COURT,), RemediesMissing),
        (State.REFUSED, None, (), RemediesMissing),
    ],
)
def test_an_agreement_in_effect_or_the_ways_told(
    state: State,
    effective_at: datetime | None,
    remedies: tuple[Remedy, ...],
    error: type[DomainError] | None,
) -> None:
    if error is None:
        check_closing(state, effective_at, remedies)
        return
    with pytest.raises(error):
        check_closing(state, effective_at, remedies)
