"""How a task follows what its sender says again of the handover. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from libs.common.handover.domain import State as HandoverState
from services.tasks.tasks.domain import State

_H = HandoverState
AGREES: Mapping[HandoverState, tuple[State, ...]] = {
    _H.REQUESTED: (State.ASSIGNED,),
    _H.SIGNED: (State.SIGNED, State.WORKING, State.AWAITING_SIGN_OFF),
    _H.RETURN_REQUESTED: (State.RETURNING,),
    _H.ANSWERED: (State.DONE,),
    _H.ACCEPTED: (State.CLOSED,),
    _H.RETURNED: (State.RETURNED,),
    _H.WITHDRAWN: (State.WITHDRAWN,),
}
"""The states of a task that agree with each state of its handover; the first one is taken where none does."""


def realigned_state(state: State, handover: HandoverState) -> State:
    """Where the task stands once the sender has said again how the handover stands.

    >>> realigned_state(State.DONE, HandoverState.ACCEPTED)
    <State.CLOSED: 'closed'>
    """
    agreeing = AGREES[handover]
    return state if state in agreeing else agreeing[0]
