"""What a link may still do. Pure."""

from __future__ import annotations

import hashlib
import secrets
from typing import Protocol

from libs.common.errors import Conflict, NotFound

BYTES = 16
"""Of chance in a token: nobody guesses 128 bits."""


class LinkUnknown(NotFound):
    """There is no such link, or it has expired: which one is not said (链接无效)."""

    code = "link-unknown"
    zh = "链接无效或已过期，请凭回执号查询"
    en = "The link is not valid or has expired, please ask by your receipt number"


class LinkOutdated(Conflict):
    """The case has been reopened since: the next message has a link of its own (案件已重新办理)."""

    code = "link-outdated"
    zh = "该案件已重新办理，请在新的办结通知后评价"
    en = "The case has been reopened, please rate it after the next message"


class RoundOf(Protocol):
    """What belongs to one round of a case."""

    @property
    def round(self) -> int: ...


def new_token() -> str:
    """A token that nobody can guess: 22 characters of base64url."""
    return secrets.token_urlsafe(BYTES)


def digest_of(token: str) -> bytes:
    """What is kept of a token: who reads the table has no link."""
    return hashlib.sha256(token.encode()).digest()


def check_round(link: RoundOf, case: RoundOf) -> None:
    """Raise `LinkOutdated` unless the case is in the round of the message."""
    if link.round != case.round:
        raise LinkOutdated
