"""A caller's share."""

from __future__ import annotations

import pytest

from libs.common.http.faults import TooManyRequests
from libs.common.http.limits import Limiter


def test_a_burst_then_a_rate() -> None:
    now = [0.0]
    limiter = Limiter(2, seconds=lambda: now[0])
    for _ in range(20):
        limiter.take("a")
    with pytest.raises(TooManyRequests) as refused:
        limiter.take("a")
    assert refused.value.data == {"retry_after": 1}
    limiter.take("b")
    now[0] = 1.0
    limiter.take("a")
    limiter.take("a")
    with pytest.raises(TooManyRequests):
        limiter.take("a")


def test_what_is_given_back_can_be_taken_again() -> None:
    limiter = Limiter(0.2, seconds=lambda: 0.0)
    for _ in range(10):
        limiter.take("a")
        limiter.give_back("a")
    limiter.take("a")
    limiter.take("a")
    with pytest.raises(TooManyRequests):
        limiter.take("a")
    Limiter().give_back("a")  # without a limit there is nothing to give back


def test_no_limit_by_default() -> None:
    limiter = Limiter()
    for _ in range(1000):
        limiter.take("a")
    assert len(limiter) == 0


def test_who_comes_does_not_fill_the_buckets_of_others() -> None:
    now = [0.0]
    limiter = Limiter(1, seconds=lambda: now[0])
    limiter.most_callers = 2
    for _ in range(10):
        limiter.take("busy")
    limiter.take("idle")
    now[0] = 1.5
    limiter.take("new")
    assert len(limiter) == 2
    limiter.take("busy")
    with pytest.raises(TooManyRequests):
        limiter.take("busy")


def test_so_many_callers_are_held() -> None:
    limiter = Limiter(0.01, seconds=lambda: 0.0)
    limiter.most_callers = 2
    for caller in "abcde":
        limiter.take(caller)
        assert len(limiter) <= 2
