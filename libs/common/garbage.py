"""Garbage 垃圾回收: searched for rarely, since nearly all of it ends by counting references.

By default CPython searches after every 700 new objects; starting a service makes some hundred thousand, and
a request some thousand, which is a tenth of the time for finding next to nothing. Importing this module makes
the search rare; a program does so before anything else.
"""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 50
"""New objects before the youngest are searched; such searches before the middle ones are; and the oldest."""

gc.set_threshold(YOUNG, MIDDLE, OLD)


def keep_what_is() -> None:
    """What has been made until now stays: no later search has to look at it."""
    gc.collect()
    gc.freeze()
