"""What a resident is told of a state, and which counts are withheld. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import StrEnum

from libs.common.errors import NotFound
from services.grid.lifecycle.domain import CaseState


class NumberUnknown(NotFound):
    """No case has this receipt, or nobody may be told: which one is not said (回执号不存在)."""

    code = "receipt-unknown"
    zh = "未查到该回执号，请核对后重试"
    en = "No case has this receipt number, please check it"


class PublicState(StrEnum):
    """How far a case is, in a resident's words (办理进度)."""

    RECEIVED = "received"
    VERIFYING = "verifying"
    ARRANGING = "arranging"
    ASSIGNED = "assigned"
    HANDLING = "handling"
    PAUSED = "paused"
    MEDIATING = "mediating"
    CHECKING = "checking"
    SOLVED = "solved"
    EXPLAINED = "explained"
    ENDED = "ended"
    STOPPED = "stopped"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


WORDS: Mapping[PublicState, tuple[str, str]] = {
    PublicState.RECEIVED: ("已收到，等待受理", "Received, waiting to be looked at"),
    PublicState.VERIFYING: ("正在现场核实", "Being verified on site"),
    PublicState.ARRANGING: ("已受理，正在安排承办单位", "Accepted, a unit is being found"),
    PublicState.ASSIGNED: ("已交承办单位", "Given to the unit"),
    PublicState.HANDLING: ("正在处理", "Being handled"),
    PublicState.PAUSED: ("因客观原因暂缓处理", "Put off for a reason outside the unit's power"),
    PublicState.MEDIATING: ("已转人民调解", "In people's mediation"),
    PublicState.CHECKING: ("处理完毕，正在核查", "Handled, the result is being checked"),
    PublicState.SOLVED: ("已办结：问题已解决", "Closed: the problem is solved"),
    PublicState.EXPLAINED: ("已办结：已解释说明", "Closed: it was explained"),
    PublicState.ENDED: ("已办结", "Closed"),
    PublicState.STOPPED: ("已终止办理", "Stopped"),
    PublicState.NOT_ACCEPTED: ("未予受理", "Not accepted"),
    PublicState.WITHDRAWN: ("已撤回", "Withdrawn"),
}
"""Chinese and English."""

_S, _P = CaseState, PublicState
_STATES: Mapping[CaseState, PublicState] = {
    _S.REPORTED: _P.RECEIVED,
    _S.VERIFYING: _P.VERIFYING,
    _S.ACCEPTED: _P.ARRANGING,
    _S.FILED: _P.ARRANGING,
    _S.DISPATCHED: _P.ASSIGNED,
    _S.HANDLING: _P.HANDLING,
    _S.RETURNED: _P.ARRANGING,
    _S.SUSPENDED: _P.PAUSED,
    _S.CONVERTED: _P.MEDIATING,
    _S.CHECKING: _P.CHECKING,
    _S.CHECKED: _P.CHECKING,
    _S.CLOSED: _P.ENDED,
    _S.FORCE_CLOSED: _P.ENDED,
    _S.REJECTED: _P.NOT_ACCEPTED,
    _S.WITHDRAWN: _P.WITHDRAWN,
    _S.MERGED: _P.ENDED,
    _S.VOIDED: _P.STOPPED,
}
_RESULTS = {"solved": _P.SOLVED, "explained": _P.EXPLAINED}


def public_state(state: str, outcome: str | None) -> PublicState:
    """The state as a resident is told it.

    >>> str(public_state("closed", "solved")), str(public_state("checked", "solved"))
    ('solved', 'checking')
    """
    told = _STATES[CaseState(state)]
    return _RESULTS.get(outcome or "", told) if state == CaseState.CLOSED else told


Cell = tuple[str, str]
"""An area and what is counted in it: a category, or a part of the area."""


def withheld(counts: Mapping[Cell, int], least: int) -> frozenset[Cell]:
    """The cells that are not told (小数抑制): those below `least`, and what would give them away.

    The sums of rows and columns can be had too, so a cell that is missing alone could be reckoned: where a
    line misses one, or only small ones, the smallest that could be told goes too, until no such line is left.

    >>> sorted(withheld({("t", "a"): 9, ("t", "b"): 2, ("t", "c"): 5, ("t", "d"): 0}, 3))
    [('t', 'b'), ('t', 'c')]
    """
    gone = {cell for cell, n in counts.items() if 0 < n < least}
    lines = [line for axis in (0, 1) for line in _lines(counts, axis)]
    before = -1
    while before != len(gone):
        before = len(gone)
        for line in lines:
            gone.update(_cover(line, gone, counts, least))
    return frozenset(gone)


def _lines(counts: Mapping[Cell, int], axis: int) -> list[list[Cell]]:
    """The rows or the columns; a line of one cell has no sum beside it."""
    lines: dict[str, list[Cell]] = {}
    for cell in counts:
        lines.setdefault(cell[axis], []).append(cell)
    return [line for line in lines.values() if len(line) > 1]


def _cover(line: list[Cell], gone: Set[Cell], counts: Mapping[Cell, int], least: int) -> list[Cell]:
    """The cell to withhold with the line's missing ones, if they do not cover each other."""
    missing = [cell for cell in line if cell in gone]
    if not missing or (len(missing) > 1 and any(counts[cell] >= least for cell in missing)):
        return []
    shown = [cell for cell in line if cell not in gone and counts[cell] >= least]
    return sorted(shown, key=lambda cell: (counts[cell], cell))[:1]
