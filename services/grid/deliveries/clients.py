"""Calls to the gateways of a deployment: HTTP (text messages, WeChat, mail), SMTP, or a folder. 通知网关

A gateway is an address in the settings, by channel: `https://...` takes the message as signed JSON,
`smtp://user:password@host:587?from=...` (or `smtps://`) sends it as mail, `file:///folder` writes it down:
for development, since the folder then holds telephones.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import smtplib
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import orjson

from libs.common.db import refuse_outside_calls
from libs.common.settings import Settings
from services.grid.deliveries.domain import Message, Outcome
from services.grid.notices.domain import Why

SECONDS = 10.0
"""How long a gateway may take for one message."""
AGAIN = frozenset({408, 409, 425, 429})
"""Answers below 500 after which it is tried again."""
TAKEN, AWAY, REFUSED = Outcome(), Outcome(Why.AWAY), Outcome(Why.REFUSED, final=True)


class Gateway(Protocol):
    """Takes messages of one channel. Never raises for what the other side does."""

    async def send(self, message: Message) -> Outcome:
        """Hand the message over."""
        ...


def told(message: Message) -> dict[str, str | None]:
    """The message as a gateway reads it. `id` is the same in every try, so that it is sent on once."""
    return {
        "id": str(message.id), "channel": message.channel, "occasion": message.occasion, "to": message.to,
        "subject": message.subject, "body": message.body, "at": message.at.isoformat(),
    }  # fmt: skip


class Webhook:
    """Posts signed JSON: `X-Jiayuan-Signature: t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>`."""

    def __init__(self, url: str, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.url = url
        self._secret = secret.encode()
        self._transport = transport

    async def send(self, message: Message) -> Outcome:
        """2xx: taken. 408, 409, 425, 429, 5xx or no answer: again. All else: refused for good."""
        refuse_outside_calls()
        content = orjson.dumps(told(message))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(message.id),
            "X-Jiayuan-Signature": signature(self._secret, int(message.at.timestamp()), content),
        }
        try:
            async with httpx.AsyncClient(timeout=SECONDS, transport=self._transport) as client:
                answer = await client.post(self.url, content=content, headers=headers)
        except httpx.HTTPError:
            return AWAY
        if answer.is_success:
            return TAKEN
        return AWAY if answer.status_code in AGAIN or answer.is_server_error else REFUSED


def signature(secret: bytes, seconds: int, content: bytes) -> str:
    """What proves to the gateway who sends, and when."""
    digest = hmac.new(secret, f"{seconds}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class Mail:
    """Sends by SMTP: `smtps://` encrypts from the first byte, `smtp://` by STARTTLS unless `tls=none`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.host, self.wrapped = parts.hostname or "localhost", parts.scheme == "smtps"
        self.port = parts.port or (465 if self.wrapped else 587)
        self.user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self.starttls = not self.wrapped and asked.get("tls") != "none"
        self.sender = asked.get("from") or self.user

    async def send(self, message: Message) -> Outcome:
        """Refused for good by 5yz of the recipient or the content; all else is tried again."""
        refuse_outside_calls()
        return await asyncio.to_thread(self._send, message)

    def _send(self, message: Message) -> Outcome:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.to, message.subject or ""
        mail["Message-ID"], mail["Date"] = f"<{message.id}@jiayuan>", message.at
        mail.set_content(message.body, cte="base64")  # not every server takes 8 bits
        try:
            with self._connected() as server:
                server.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            return REFUSED if _for_good(error) else AWAY
        except (smtplib.SMTPException, OSError):
            return AWAY
        return TAKEN

    def _connected(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if self.wrapped else smtplib.SMTP
        server = kind(self.host, self.port, timeout=SECONDS)
        try:
            if self.starttls:
                server.starttls()
            if self.user:
                server.login(self.user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def _for_good(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> bool:
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return all(code >= 500 for code, _ in error.recipients.values())


class Folder:
    """Writes each message into a file of its own."""

    def __init__(self, url: str) -> None:
        self.folder = Path(unquote(urlsplit(url).path))

    async def send(self, message: Message) -> Outcome:
        """Over what was there under its id."""
        refuse_outside_calls()
        try:
            await asyncio.to_thread(self._write, message)
        except OSError:
            return AWAY
        return TAKEN

    def _write(self, message: Message) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{message.id}.json").write_bytes(orjson.dumps(told(message)))


def gateways(settings: Settings) -> Mapping[str, Gateway]:
    """The gateways that the settings name, by channel."""
    return {
        channel: _gateway(url.get_secret_value(), settings.notice_secret.get_secret_value())
        for channel, url in settings.notice_gateways.items()
    }


def _gateway(url: str, secret: str) -> Gateway:
    scheme = urlsplit(url).scheme
    if scheme in {"smtp", "smtps"}:
        return Mail(url)
    return Folder(url) if scheme == "file" else Webhook(url, secret)
