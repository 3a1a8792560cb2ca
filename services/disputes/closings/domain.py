"""What a closing needs. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from libs.common.errors import Conflict, Invalid
from services.disputes.disputes.domain import Remedy, State

MUST_TELL = frozenset({Remedy.ARBITRATION, Remedy.COURT})


class AgreementNotInEffect(Conflict):
    """The agreement is not yet signed by all and sealed (协议尚未生效)."""

    code = "dispute-agreement-not-in-effect"
    zh = "协议尚未经各方签署并加盖印章，未生效"
    en = "The agreement is not in effect: signatures or the seal are missing"


class RemediesMissing(Invalid):
    """After a refusal or failure the parties are told of arbitration and court (未告知救济途径)."""

    code = "dispute-remedies-missing"
    zh = "当事人拒绝或调解不成的，须告知仲裁、诉讼等救济途径"
    en = "After a refusal or failure the parties must be told of arbitration and court"


def check_closing(state: State, effective_at: datetime | None, remedies: Collection[Remedy]) -> None:
    """An agreement is in effect; else arbitration and court were named (人民调解法 art. 26).

    Raises `AgreementNotInEffect`, `RemediesMissing`.
    """
    if state is State.AGREED:
        if effective_at is None:
            raise AgreementNotInEffect
    elif not set(remedies) >= MUST_TELL:
        raise RemediesMissing(pointer="/remedies")
