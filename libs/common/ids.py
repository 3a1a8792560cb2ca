"""Keys of every record: UUIDv7, ordered by time of creation.

>>> from libs.common.ids import new_id
>>> new_id().version
7
"""

from __future__ import annotations

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A fresh UUIDv7. Its time is a hint for indexes, never a fact and never a secret (RFC 9562)."""
    return compat.uuid7()
