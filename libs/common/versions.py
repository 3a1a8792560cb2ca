"""Optimistic locking 乐观锁: a change says which version of the record it was made from.

>>> from types import SimpleNamespace
>>> check_version(SimpleNamespace(version=3), 3)
>>> check_version(SimpleNamespace(version=4), 3)
Traceback (most recent call last):
...
libs.common.versions.Stale: The record is at version 4, you sent 3: read it again
"""

from __future__ import annotations

from typing import Any, Protocol

from libs.common.errors import Conflict


class Stale(Conflict):
    """The record has changed since the caller read it (版本已过期). HTTP says 412."""

    code = "stale-version"
    zh = "记录已被他人修改：当前版本为 {current}，您提交的版本为 {given}，请重新读取"
    en = "The record is at version {current}, you sent {given}: read it again"


class HasVersion(Protocol):
    """Any row that counts its changes."""

    version: Any


def check_version(row: HasVersion, expect: int) -> None:
    """Raise `Stale` unless the row, already locked by the caller, is at the version that was read."""
    if row.version != expect:
        raise Stale(current=row.version, given=expect)
