from __future__ import annotations

from itertools import pairwise
from uuid import RFC_4122, UUID

from libs.common.clocks import utc_now
from libs.common.ids import new_id


def test_ids_are_plain_uuids_of_version_seven() -> None:
    key = new_id()
    assert type(key) is UUID
    assert (key.version, key.variant) == (7, RFC_4122)


def test_ids_are_ordered_by_their_making_and_never_the_same() -> None:
    keys = [new_id() for _ in range(10_000)]
    assert all(a < b for a, b in pairwise(keys))


def test_an_id_begins_with_the_time() -> None:
    made_at = (new_id().int >> 80) / 1000
    assert abs(utc_now().timestamp() - made_at) < 10
