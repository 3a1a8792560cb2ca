"""Whose telephone it is."""

from __future__ import annotations

import pytest

from services.grid.satisfactions.domain import ends_with


@pytest.mark.parametrize(
    ("phone", "tail", "fits"),
    [
        ("13812341234", "1234", True),
        ("13812341234", "3812", False),
        ("02158123456-801", "3456", True),
        ("02158123456-801", "6801", False),
        ("110", "0110", False),
        (None, "1234", False),
    ],
)
def test_the_end_of_a_telephone_number(phone: str | None, tail: str, fits: bool) -> None:
    assert ends_with(phone, tail) is fits
