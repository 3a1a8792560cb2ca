"""Keys of every record: UUIDv7, ordered by time of creation.

>>> from libs.common.ids import new_id
>>> new_id().version
7
"""

from __future__ import annotations

from uuid import UUID, uuid5

from uuid_utils import compat

NAMESPACE = UUID("6f1c2f0a-6d55-5b0e-9a53-7e1d0c9b2a11")
"""Namespace of the ids of rows that come from files."""


def new_id() -> UUID:
    """A fresh UUIDv7. Its time is a hint for indexes, never a fact and never a secret (RFC 9562)."""
    return compat.uuid7()


def stable_id(kind: str, code: str) -> UUID:
    """The id of a row that comes from a file: the same for the same code in every deployment.

    So a service names another's unit, body or target by its code without asking for it.
    """
    return uuid5(NAMESPACE, f"{kind}:{code}")
