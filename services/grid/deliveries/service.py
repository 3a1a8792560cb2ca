"""Use cases of delivery: take what is due in hand, keep what became of it. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.ids import new_id
from services.grid.cases import service as cases
from services.grid.deliveries import repository
from services.grid.deliveries.domain import LEASE, Address, Message, Outcome, next_try, summary
from services.grid.links import service as links
from services.grid.notices.domain import LIFE, REPORTER_OF, NoticeAction, NoticeState, Why
from services.grid.notices.service import Notice
from services.grid.rosters import service as rosters
from services.grid.rules import service as rules
from services.grid.rules.domain import Noticing
from services.grid.templates import service as templates
from services.grid.templates.domain import Channel, Occasion, render
from services.grid.templates.service import Template

AT_ONCE = 20


@dataclass(frozen=True)
class Way:
    """Which channels have a gateway, and where a reporter's link leads: a URL with `{token}` (发送方式)."""

    channels: Collection[str]
    link: str


async def take(session: AsyncSession, way: Way, now: datetime, limit: int = AT_ONCE) -> list[Message]:
    """Take what is due in hand and say what is to be sent: nobody else does so for a while.

    What cannot be sent is put aside with the reason. A digest is one message of many notices.
    """
    due = await repository.list_due(session, now, limit)
    open_ = [row for row in due if row.channel in way.channels]
    for row in due:
        if row.channel not in way.channels:
            _put_aside(row, Why.CHANNEL_OFF)
    groups = await _groups(session, open_)
    addresses = await _addresses(session, [group[0] for group in groups], now)
    rule = (await rules.rules(session)).notice
    digests = {
        (t.audience, t.channel): t for t in await templates.enabled(session) if t.occasion == Occasion.DIGEST
    }
    messages = []
    for group in groups:
        to = addresses[group[0].recipient].by(Channel(group[0].channel))
        if to is None:
            for row in group:
                _put_aside(row, Why.NO_ADDRESS)
            continue
        first = group[0]
        link = await _link(session, first, way, now, rule) if len(group) == 1 else ""
        words = digests.get((first.audience, first.channel))
        messages.append(_message(group, to, words, link, now))
    await session.flush()
    return messages


def _put_aside(row: Notice, why: Why) -> None:
    row.state, row.why = LIFE.after(NoticeState(row.state), NoticeAction.SUPPRESS), why


async def _groups(session: AsyncSession, due: Sequence[Notice]) -> list[list[Notice]]:
    """What goes out together: what did so before, what is gathered for one person, all else alone."""
    known = await repository.list_of_messages(session, {row.message_id for row in due if row.message_id})
    fresh = [row for row in due if row.message_id is None]
    gathered = await repository.list_gathered(
        session, {(row.recipient, row.channel) for row in fresh if row.gathered}
    )
    together: dict[object, list[Notice]] = {}
    for row in known:
        together.setdefault(row.message_id, []).append(row)
    for row in gathered:
        together.setdefault((row.recipient, row.channel, row.audience), []).append(row)
    return [*together.values(), *([row] for row in fresh if not row.gathered)]


async def _addresses(session: AsyncSession, rows: Iterable[Notice], now: datetime) -> dict[str, Address]:
    """Where the recipients can be told: reporters by their case, staff as they wish or by the rota."""
    found: dict[str, Address] = {}
    rows = list(rows)
    staff = {row.recipient for row in rows if not row.recipient.startswith(REPORTER_OF)}
    called = {row.recipient for row in rows if row.channel == Channel.SMS}
    of_cases = {row.case_id: row for row in rows if row.recipient not in staff and row.case_id}
    reporters = await cases.reporters_of(session, of_cases)
    for case_id, row in of_cases.items():
        reporter = reporters.get(case_id)
        found[row.recipient] = Address(phone=reporter.phone if reporter else None)
    contacts = await repository.contacts(session, staff)
    for person in staff:
        contact = contacts.get(person)
        phone, email = (contact.phone, contact.email) if contact else (None, None)
        if phone is None and person in called:
            turn = await rosters.last_turn_of(session, person, now)
            phone = turn.telephone if turn else None
        found[person] = Address(person, phone, email)
    return found


async def _link(session: AsyncSession, row: Notice, way: Way, now: datetime, rule: Noticing) -> str:
    """A link of its own for the message that goes out now, where it wants one: none is ever kept."""
    if "{link}" not in row.body or row.case_id is None:
        return ""
    token = await links.issue(session, row.case_id, until=now + timedelta(days=rule.link_days), now=now)
    return way.link.replace("{token}", token)


def _message(group: Sequence[Notice], to: str, digest: Template | None, link: str, now: datetime) -> Message:
    """Take the notices in hand and make the message."""
    first = group[0]
    message_id = first.message_id or new_id()
    for row in group:
        row.message_id, row.attempts, row.due_at = message_id, row.attempts + 1, now + LEASE
    subject, body, occasion = first.subject, render(first.body, {"link": link}), first.occasion
    if len(group) > 1:
        values = {"count": str(len(group)), "items": summary([row.occasion for row in group])}
        words = digest.body if digest else "{items}"
        subject = render(digest.subject, values) if digest and digest.subject else None
        body, occasion = render(words, values), Occasion.DIGEST
    return Message(message_id, Channel(first.channel), Occasion(occasion), to, subject, body, now)


async def settle(session: AsyncSession, outcomes: Mapping[UUID, Outcome], now: datetime) -> None:
    """Keep what became of the messages: sent, to be tried again, or given up and parked (发送结果)."""
    rule = (await rules.rules(session)).notice
    for row in await repository.list_of_messages(session, list(outcomes)):
        assert row.message_id is not None, "it was sent by a message"
        outcome, state = outcomes[row.message_id], NoticeState(row.state)
        row.why = outcome.why
        again = next_try(now, row.attempts, rule)
        if outcome.why is None:
            row.state, row.sent_at = LIFE.after(state, NoticeAction.DELIVER), now
        elif outcome.final or again is None:
            row.state = LIFE.after(state, NoticeAction.GIVE_UP)
        else:
            row.due_at = again
    await session.flush()
