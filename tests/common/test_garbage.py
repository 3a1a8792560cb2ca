"""The search for garbage."""

from __future__ import annotations

import gc

from libs.common import garbage


def test_it_is_rare() -> None:
    assert gc.get_threshold() == (garbage.YOUNG, garbage.MIDDLE, garbage.OLD)


def test_what_is_stays() -> None:
    before = gc.get_freeze_count()
    kept = [[number] for number in range(1000)]
    garbage.keep_what_is()
    assert gc.get_freeze_count() >= before + len(kept)
