"""Where people can be told and when it is tried again, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.grid.deliveries.domain import Address, Message, next_try, summary
from services.grid.rules.publicity import Noticing
from services.grid.templates.domain import Channel, Occasion

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 30), (5, 480), (6, None)])
def test_waits_grow_and_end(attempts: int, minutes: int | None) -> None:
    wanted = None if minutes is None else NOW + timedelta(minutes=minutes)
    assert next_try(NOW, attempts, Noticing()) == wanted


@pytest.mark.parametrize(
    ("address", "channel", "to"),
    [
        (Address(phone="13812341234"), "sms", "13812341234"),
        (Address(phone="02158123456"), "sms", None),
        (Address(phone=None), "sms", None),
        (Address(phone="13812341234"), "wechat", "13812341234"),
        (Address("inspector-1", "13812341234"), "wechat", "inspector-1"),
        (Address("inspector-1", email="a@example.gov.cn"), "email", "a@example.gov.cn"),
        (Address("inspector-1"), "email", None),
    ],
)
def test_what_a_gateway_wants(address: Address, channel: str, to: str | None) -> None:
    assert address.by(Channel(channel)) == to


def test_a_message_shows_no_person_where_it_is_written_down() -> None:
    message = Message(UUID(int=1), Channel.SMS, Occasion.CLOSED, "13812341234", None, "张三，您好", NOW)
    assert "138" not in repr(message)
    assert "张三" not in repr(message)


def test_a_digest_says_how_many_of_which() -> None:
    assert summary(["overdue"] * 3 + ["returned"]) == "案件超时3条、案件退单1条"
