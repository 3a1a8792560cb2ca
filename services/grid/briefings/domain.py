"""What may be told of who reported. Pure."""

from __future__ import annotations

from libs.common.text import mask_numbers


def tells_reporter(spoken_to: bool, secret: bool, withheld: bool) -> bool:
    """Whether the unit is told who reported: callers who did not ask for secrecy, never to the accused.

    `spoken_to`: the channel is one whose reporter the unit may have to speak to first (先行联系).
    """
    return spoken_to and not secret and not withheld


def without_reporter(text: str, name: str | None) -> str:
    """What was told, as a unit may read it that must not know who told it: no name, no number."""
    hidden = text.replace(name, "***") if name else text
    return mask_numbers(hidden)
