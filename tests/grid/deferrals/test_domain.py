"""Limits of extension and suspension, and the life of a request."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.common.errors import DomainError
from services.grid.deferrals.domain import LIFE, DeferralKind, Standing, check_ask
from services.grid.rules.domain import Rules, rules_of
from tests.support.lifecycles import check_machine

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PAST = NOW - timedelta(seconds=1)
LATER = NOW + timedelta(days=1)
EXTENSION, SUSPENSION = DeferralKind.EXTENSION, DeferralKind.SUSPENSION


def rules() -> Rules:
    """Two extensions, one suspension of at most a year."""
    return rules_of(
        [
            ("routing", dict.fromkeys(("self_handled", "squad", "subdistrict_unit", "district_unit"), "x")),
            ("duplicate", {"metres": 50, "hours": 24}),
            ("extension", {"most": 2}),
            ("suspension", {"most": 1, "days": 365}),
            ("claim", {"minutes": 30}),
            ("report", {"oldest": date(2000, 1, 1), "ahead_minutes": 10}),
        ]
    )


def test_every_state_and_action() -> None:
    check_machine(LIFE)


@pytest.mark.parametrize(
    "kind, until, standing, code",
    [
        (EXTENSION, None, Standing(0, 0, LATER, pending=False), None),
        (EXTENSION, None, Standing(1, 0, LATER, pending=False), None),
        (EXTENSION, None, Standing(2, 0, LATER, pending=False), "deferrals-used-up"),
        (EXTENSION, None, Standing(0, 0, LATER, pending=True), "deferral-pending"),
        (EXTENSION, None, Standing(0, 0, NOW, pending=False), None),
        (EXTENSION, None, Standing(0, 0, PAST, pending=False), "extension-asked-too-late"),
        (SUSPENSION, LATER, Standing(0, 0, LATER, pending=False), None),
        (SUSPENSION, LATER, Standing(0, 0, NOW - timedelta(days=1), pending=False), None),
        (SUSPENSION, LATER, Standing(0, 1, LATER, pending=False), "deferrals-used-up"),
        (SUSPENSION, None, Standing(0, 0, LATER, pending=False), "suspension-too-long"),
        (SUSPENSION, NOW, Standing(0, 0, LATER, pending=False), "suspension-too-long"),
        (SUSPENSION, NOW + timedelta(days=366), Standing(0, 0, LATER, pending=False), "suspension-too-long"),
    ],
)  # fmt: skip
def test_what_may_be_asked(
    kind: DeferralKind, until: datetime | None, standing: Standing, code: str | None
) -> None:
    if code is None:
        check_ask(kind, until, standing, rules(), NOW)
        return
    with pytest.raises(DomainError) as caught:
        check_ask(kind, until, standing, rules(), NOW)
    assert caught.value.code == code
