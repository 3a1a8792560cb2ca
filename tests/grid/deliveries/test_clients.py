"""The gateways against servers that really listen."""

from __future__ import annotations

import email
import hashlib
import hmac
import json
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from libs.common.db import Database, OutsideCallInTransaction
from libs.common.settings import Settings
from services.grid.deliveries.clients import AWAY, REFUSED, TAKEN, Folder, Mail, Webhook, gateways
from services.grid.deliveries.domain import Message, Outcome
from services.grid.templates.domain import Channel, Occasion
from tests.grid.deliveries.servers import mail_gateway, web_gateway

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def message(channel: Channel = Channel.SMS, to: str = "13812341234") -> Message:
    return Message(UUID(int=5), channel, Occasion.CLOSED, to, "办结", "已办结：问题已解决", AT)


async def test_http_is_signed_and_named() -> None:
    with web_gateway() as web:
        assert await Webhook(web.url, "s3cret").send(message()) == TAKEN
    ((headers, body),) = web.came
    assert json.loads(body)["to"] == "13812341234"
    assert headers["idempotency-key"] == str(UUID(int=5))
    seconds, _, digest = headers["x-jiayuan-signature"].removeprefix("t=").partition(",v1=")
    signed = f"{seconds}.".encode() + body
    assert digest == hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, TAKEN),
        (400, REFUSED),
        (403, REFUSED),
        (429, AWAY),
        (408, AWAY),
        (500, AWAY),
        (503, AWAY),
        (302, REFUSED),
    ],
)
async def test_what_an_answer_means(status: int, outcome: Outcome) -> None:
    with web_gateway() as web:
        web.answers = [status]
        assert await Webhook(web.url, "s").send(message()) == outcome


async def test_nobody_listens() -> None:
    with web_gateway() as web:
        url = web.url
    assert await Webhook(url, "s").send(message()) == AWAY
    assert await Mail("smtp://127.0.0.1:9?tls=none&from=a@b.cn").send(message()) == AWAY


async def test_mail_arrives_in_chinese() -> None:
    async with mail_gateway() as post:
        mail = Mail(f"smtp://127.0.0.1:{post.port}?tls=none&from=grid@example.gov.cn")
        assert await mail.send(message(Channel.EMAIL, "zhang@example.gov.cn")) == TAKEN
        post.refuses = "550 nobody here"
        assert await mail.send(message(Channel.EMAIL, "nobody@example.gov.cn")) == REFUSED
        post.refuses = "451 later"
        assert await mail.send(message(Channel.EMAIL, "zhang@example.gov.cn")) == AWAY
    (came,) = post.came
    read = email.message_from_string(came, policy=policy.default)
    assert (read["To"], read["Subject"]) == ("zhang@example.gov.cn", "办结")
    body = read.get_body()
    assert body is not None
    assert "已办结：问题已解决" in body.get_content()


async def test_a_folder_holds_what_was_sent(tmp_path: Path) -> None:
    assert await Folder((tmp_path / "out").as_uri()).send(message()) == TAKEN
    (file,) = (tmp_path / "out").iterdir()
    assert json.loads(file.read_text("utf-8"))["body"] == "已办结：问题已解决"
    (tmp_path / "file").write_text("")
    assert await Folder((tmp_path / "file").as_uri()).send(message()) == AWAY


def test_the_settings_name_gateways_by_channel() -> None:
    urls = {
        "sms": "https://gateway.example/sms",
        "email": "smtps://u:p@mail.example",
        "wechat": "file:///tmp/x",
    }
    found = gateways(Settings(notice_gateways={name: SecretStr(url) for name, url in urls.items()}))
    assert {name: type(one) for name, one in found.items()} == {
        "sms": Webhook,
        "email": Mail,
        "wechat": Folder,
    }


async def test_nothing_is_sent_inside_a_transaction(database: Database) -> None:
    with pytest.raises(OutsideCallInTransaction):
        await database.transact(lambda session: Webhook("http://127.0.0.1:9", "s").send(message()))
