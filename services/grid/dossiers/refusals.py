"""What can stand against reading a case in full. Pure."""

from __future__ import annotations

from typing import Protocol

from libs.common.errors import Forbidden, NotFound
from libs.common.policy import Principal, Role
from services.grid.dossiers.domain import Purpose
from services.grid.lifecycle.domain import CaseState


class NotNeededNow(Forbidden):
    """Only the person whose present step needs it sees it in full (当前环节无需查看)."""

    code = "reporter-not-needed"
    zh = "您当前的环节不需要查看反映人完整信息"
    en = "Your present step does not need the reporter's data in full"


class NoReporter(NotFound):
    """The case names no reporter (无反映人)."""

    code = "reporter-missing"
    zh = "该案件没有反映人信息"
    en = "The case names no reporter"


class Needing(Protocol):
    """What decides who needs the reporter."""

    @property
    def state(self) -> str: ...
    @property
    def checker(self) -> str | None: ...
    @property
    def handler(self) -> str | None: ...


def require_need(case: Needing, viewer: Principal, purpose: Purpose) -> None:
    """Raise `NotNeededNow` unless the viewer's present step needs the reporter for this purpose."""
    state = CaseState(case.state)
    needs = {
        Purpose.ACCEPT: viewer.holds(Role.ACCEPTOR) and state is CaseState.REPORTED,
        Purpose.VERIFY: case.checker == viewer.subject and state in (CaseState.VERIFYING, CaseState.CHECKING),
        Purpose.HANDLE: case.handler == viewer.subject
        and state in (CaseState.DISPATCHED, CaseState.HANDLING),
        Purpose.CALL_BACK: viewer.holds(Role.HOTLINE_OFFICER),
    }
    if not needs[purpose]:
        raise NotNeededNow
