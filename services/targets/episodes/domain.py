"""Episodes 红灯督办: when a red light proposes supervision, and what came of the proposal. Pure.

One proposal per target and red episode. A new one is made only after the light has left red; or, while it
stays red, when the reporting period has changed and the office is done with the former one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.fsm import Machine
from libs.common.ids import stable_id
from services.targets.lights.domain import Light

HANDOVER_KIND = "supervision"


class State(StrEnum):
    """Where a proposal of supervision stands (督办建议状态)."""

    PROPOSED = "proposed"  # 拟办
    ISSUED = "issued"  # 已发督办
    NOT_ISSUED = "not_issued"  # 不予督办
    VERIFIED = "verified"  # 督办办结
    LAPSED = "lapsed"  # 督办撤销


class Action(StrEnum):
    """What is heard of it (操作)."""

    ISSUE = "issue"
    REFUSE = "refuse"
    VERIFY = "verify"
    LAPSE = "lapse"


LIFE = Machine(
    name="episode",
    initial=State.PROPOSED,
    table={
        (State.PROPOSED, Action.ISSUE): State.ISSUED,
        (State.PROPOSED, Action.REFUSE): State.NOT_ISSUED,
        (State.PROPOSED, Action.VERIFY): State.VERIFIED,  # heard before the answer: two topics, two orders
        (State.PROPOSED, Action.LAPSE): State.LAPSED,
        (State.ISSUED, Action.REFUSE): State.NOT_ISSUED,  # after its task ended undone
        (State.ISSUED, Action.VERIFY): State.VERIFIED,
        (State.ISSUED, Action.LAPSE): State.LAPSED,
    },
)
DONE = (State.NOT_ISSUED, State.VERIFIED, State.LAPSED)
"""The office is done with it."""


class Next(StrEnum):
    """What a look at the light does to the episode (处理)."""

    NOTHING = "nothing"
    OPEN = "open"
    CLOSE = "close"
    RENEW = "renew"


@dataclass(frozen=True)
class Present:
    """The episode that is open (当前红灯)."""

    state: State
    judged_on: date | None


def next_step(light: Light, judged_on: date | None, present: Present | None) -> Next:
    """What to do after a look at the light.

    >>> next_step(Light.RED, date(2026, 10, 31), None)
    <Next.OPEN: 'open'>
    """
    if light is not Light.RED:
        return Next.NOTHING if present is None else Next.CLOSE
    if present is None:
        return Next.OPEN
    changed = judged_on != present.judged_on
    return Next.RENEW if changed and present.state in DONE else Next.NOTHING


def light_id(target_id: UUID) -> UUID:
    """The id of a target's light, whose changes are a history of their own."""
    return stable_id("light", str(target_id))
