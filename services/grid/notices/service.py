"""Use cases of the notices: tell what has happened, remind, send, read, look after. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.access import ADMINISTERED
from libs.common.events.deeds import tell as tell_deed
from libs.common.events.record import Change
from libs.common.ids import new_id
from libs.common.policy import Actor, Principal, sees_area
from libs.common.text import written_date, written_instant
from services.grid.cases import service as cases
from services.grid.cases.service import Case
from services.grid.disclosures.domain import WORDS, public_state
from services.grid.notices import repository
from services.grid.notices.domain import (
    LIFE,
    OCCASIONS,
    REASONS,
    Fact,
    NoticeAction,
    NoticeState,
    NoticeUnknown,
    Told,
    When,
    Whom,
    Why,
    is_stale,
    when,
    whom,
)
from services.grid.notices.models import Notice as Notice
from services.grid.notices.models import NoticeContact as NoticeContact
from services.grid.notices.repository import Shown as Shown
from services.grid.patrols.service import PatrolItem, PatrolPoint
from services.grid.rules import service as rules
from services.grid.rules.domain import Noticing
from services.grid.shifts import service as shifts
from services.grid.templates import service as templates
from services.grid.templates.domain import Audience, Channel, Occasion, render
from services.grid.templates.service import Template
from services.grid.watches.domain import PatrolKind

list_mine = repository.list_mine
list_log = repository.list_log
count_unread = repository.count_unread
contact_of = repository.contact
"""Statements that the routes need as they are."""
FORGOTTEN_AT_ONCE = 1000


@dataclass
class Desk:
    """What notices are written with: the rule, the words, and what people were told lately (通知台)."""

    rule: Noticing
    words: Mapping[tuple[str, str], list[Template]]
    lately: dict[tuple[str, str], Told]
    now: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    async def open(cls, session: AsyncSession, people: Collection[str], now: datetime) -> Desk:
        """As things stand."""
        rule = (await rules.rules(session)).notice
        words: dict[tuple[str, str], list[Template]] = {}
        for template in await templates.enabled(session):
            words.setdefault((template.occasion, template.audience), []).append(template)
        since = now - timedelta(minutes=rule.minutes)
        return cls(rule, words, await repository.told_lately(session, people, since), now)

    def write(self, to: Whom, about: Mapping[str, Any], values: Mapping[str, str], *, stale: bool) -> None:
        """A notice by every channel that is switched on for the occasion."""
        for template in self.words.get((to.occasion, to.audience), ()):
            why = to.why_not or (Why.STALE if stale else None)
            self.rows.append(
                {
                    **about, "id": new_id(), "occasion": to.occasion, "audience": to.audience,
                    "channel": template.channel, "recipient": to.person, "template_id": template.id,
                    "template_version": template.version, "urgent": template.urgent,
                    "subject": template.subject and render(template.subject, values),
                    "body": render(template.body, values), "created_at": self.now,
                    **self._fate(to, template, why),
                }
            )  # fmt: skip

    def _fate(self, to: Whom, template: Template, why: Why | None) -> dict[str, Any]:
        """What becomes of it: what is in the app has arrived."""
        fate = {
            "state": NoticeState.QUEUED,
            "why": why,
            "due_at": self.now,
            "gathered": False,
            "sent_at": None,
        }
        if why is not None:
            return fate | {"state": LIFE.after(NoticeState.QUEUED, NoticeAction.SUPPRESS)}
        if template.channel == Channel.IN_APP:
            return fate | {"state": LIFE.after(NoticeState.QUEUED, NoticeAction.DELIVER), "sent_at": self.now}
        key = (to.person, template.channel)
        told = self.lately.get(key, Told())
        planned = self._when(to, template, told)
        gathers = planned.due_at if planned.gathered else told.gathers_until
        self.lately[key] = Told(told.count + 1, gathers)
        return fate | {"due_at": planned.due_at, "gathered": planned.gathered}

    def _when(self, to: Whom, template: Template, told: Told) -> When:
        digests = {one.channel for one in self.words.get((Occasion.DIGEST, to.audience), ())}
        gathers = template.channel in digests
        return when(self.now, self.rule, told, urgent=template.urgent, can_gather=gathers)


async def tell(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Write the notices of the next facts of the log (通知), once each. Answers how many facts were read.

    What happened before the first run is told to nobody.
    """
    after = await repository.position(session)
    rows = [] if after is None else await repository.read(session, after, limit)
    if not rows:
        return 0
    facts = [_fact(row) for row in rows if row.payload and not row.restatement and _verb(row) in OCCASIONS]
    if facts:
        await _write(session, facts, now)
    await repository.move(session, rows[-1].position)
    return len(rows)


def _verb(row: Row[Any]) -> str:
    verb: str = row.type.split(".")[-2]
    return verb


def _fact(row: Row[Any]) -> Fact:
    told = orjson.loads(row.payload)
    at = datetime.fromisoformat(told["happened_at"])
    changed = row.changed or {}
    return Fact(row.position, row.event_id, row.aggregate_id, _verb(row), at, row.actor, told, changed)


async def _write(session: AsyncSession, facts: Sequence[Fact], now: datetime) -> None:
    found = await cases.many(session, list({fact.case_id for fact in facts}))
    reporters = await cases.reporters_of(session, found)
    rule = (await rules.rules(session)).notice
    there = await shifts.posted(session, {case.area for case in found.values()}, now)
    told = []
    for fact in facts:
        case, reporter = found[fact.case_id], reporters.get(fact.case_id)
        reachable = reporter is not None and reporter.phone is not None
        told += [(fact, case, one) for one in whom(fact, case, reachable=reachable, there=there, rule=rule)]
    desk = await Desk.open(session, {one.person for _, _, one in told if one.person}, now)
    values = await templates.values_of(session, list(found.values()))
    for fact, case, one in told:
        about = {"event_id": fact.event_id, "case_id": case.id, "patrol_id": None, "area": case.area}
        stale = is_stale(fact.at, now, rule)
        desk.write(one, about, values[case.id] | _of_fact(fact, case), stale=stale)
    await repository.add_all(session, desk.rows)


def _of_fact(fact: Fact, case: Case) -> dict[str, str]:
    """What the names stand for as it was then: the case may have moved on."""
    due = fact.told.get("due_at")
    code = fact.told.get("reason_code", "")
    state = public_state(fact.told["state"], fact.told.get("outcome", case.outcome))
    return {
        "progress": WORDS[state][0],
        "reason": REASONS.get(code, REASONS["other"]),
        **({"due": written_instant(datetime.fromisoformat(due))} if due else {}),
    }


async def remind(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Remind inspectors of the patrols whose last day is near (巡查提醒), once each. Answers how many."""
    found = await rules.rules(session)
    today, ahead = local_date(now), timedelta(days=found.notice.patrol_days)
    rows = await repository.list_patrols_due(session, today, today + ahead, limit)
    desk = await Desk.open(session, {item.inspector for item, _ in rows if item.inspector}, now)
    for item, point in rows:
        to = Whom(Occasion.PATROL_DUE, Audience.INSPECTOR, item.inspector or "")
        about = {"event_id": item.id, "case_id": None, "patrol_id": item.id, "area": item.area}
        desk.write(to, about, _of_patrol(found.patrols, item, point), stale=False)
    await repository.add_all(session, desk.rows)
    return len(desk.rows)


def _of_patrol(kinds: Mapping[str, PatrolKind], item: PatrolItem, point: PatrolPoint) -> dict[str, str]:
    kind = kinds.get(item.kind)
    name = f"{kind.zh}·{point.name}" if kind else point.name
    return {"patrol": name, "until": written_date(item.period_end)}


async def mark_read(session: AsyncSession, notice_id: UUID, person: str, now: datetime) -> Notice:
    """The person has read it (已读). Raises `NoticeUnknown`."""
    found = await repository.get_for_update(session, notice_id)
    if found is None or (found.recipient, found.channel) != (person, Channel.IN_APP):
        raise NoticeUnknown
    found.read_at = found.read_at or now
    await session.flush()
    return found


async def mark_all_read(session: AsyncSession, person: str, until: datetime, now: datetime) -> None:
    """The person has read whatever came until then (全部已读)."""
    await repository.mark_read(session, person, now, until)


async def send_again(
    session: AsyncSession, notice_id: UUID, *, viewer: Principal, actor: Actor, now: datetime
) -> Notice:
    """Try again what failed or was not sent (重新发送), from the first try on.

    Raises `NoticeUnknown`, `IllegalTransition`.
    """
    found = await repository.get_for_update(session, notice_id)
    if found is None or not sees_area(viewer, found.area):
        raise NoticeUnknown
    found.state = LIFE.after(NoticeState(found.state), NoticeAction.SEND_AGAIN)
    found.due_at, found.attempts, found.why, found.gathered = now, 0, None, False
    found.message_id = None
    event = ADMINISTERED["grid"](
        happened_at=now, action="notice-sent-again", subject_type="notice", subject_id=found.id, count=1
    )
    await tell_deed(session, event, actor=actor, now=now, change=Change("send-again"))
    return found


async def keep_contact(
    session: AsyncSession, person: str, *, phone: str | None, email: str | None, now: datetime
) -> NoticeContact:
    """Where the person wants to be told from now on (通知联系方式)."""
    row = NoticeContact(person=person, phone=phone, email=email, changed_at=now)
    await repository.keep_contact(session, row)
    await session.flush()
    return row


async def forget(session: AsyncSession, now: datetime) -> int:
    """Delete what the delivery log need not keep any longer."""
    rule = (await rules.rules(session)).notice
    return await repository.forget(session, now - timedelta(days=rule.keep_days), FORGOTTEN_AT_ONCE)
