"""Use cases of lights and episodes: look, propose, hear what came of it. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.handover import Contents, Outcome, Place
from libs.common.contracts.targets import (
    EpisodeAnswered,
    EpisodeFact,
    EpisodeLapsed,
    EpisodeLeftRed,
    EpisodeOpened,
    EpisodeVerified,
    LightChanged,
)
from libs.common.events.record import Change, record
from libs.common.handover import service as handovers
from libs.common.handover.orders import Order, Subject
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.ids import new_id
from libs.common.quantities import MEASURES
from libs.common.text import written_date, written_number
from services.targets.contributions import service as contributions
from services.targets.directory import service as directory
from services.targets.episodes import repository
from services.targets.episodes.domain import (
    HANDOVER_KIND,
    LIFE,
    Action,
    Next,
    Present,
    State,
    light_id,
    next_step,
)
from services.targets.episodes.models import Episode as Episode
from services.targets.episodes.models import TargetLight as TargetLight
from services.targets.episodes.repository import LightFilter as LightFilter
from services.targets.plans.service import TARGETS, By
from services.targets.progress import service as progress
from services.targets.progress.service import Ledger, Standing
from services.targets.reports import service as reports
from services.targets.targets import service as targets
from services.targets.targets.domain import Role, responsible_of

BY_CODE = Keyset("lights-by-code", str)
OVERLAP = timedelta(minutes=1)
"""How long after a change it may still have been under way when the lights were computed."""
_RANK = {Role.LEAD: 0, Role.RESPONSIBLE: 1}


async def look(session: AsyncSession, now: datetime) -> int:
    """Compute the lights that are judged, once a day and after figures came; answers how many changed."""
    judged = await targets.judged(session)
    ids = [target.id for target in judged]
    if not ids or not await _stale(session, ids, now):
        return 0
    found = await progress.ledger(session, judged)
    lights = await repository.lights(session, ids)
    episodes = await repository.open_of(session, ids)
    changed = 0
    for standing in progress.standings(found, local_date(now)):
        key = standing.target.id
        changed += await _show(session, standing, lights.get(key), now)
        await _follow(session, found, standing, episodes.get(key), now)
    await repository.touch(session, ids, now)
    return changed


async def _stale(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> bool:
    """Whether a target has no light yet, a new day has begun, or figures came since."""
    count, computed_at = await repository.oldest(session, ids)
    if count < len(ids) or computed_at is None or local_date(computed_at) != local_date(now):
        return True
    came = (await reports.last_decision(session), await contributions.last_recorded(session))
    return any(at is not None and at + OVERLAP > computed_at for at in came)


async def _show(session: AsyncSession, standing: Standing, row: TargetLight | None, now: datetime) -> int:
    judgement, target = standing.judgement, standing.target
    before = None if row is None else row.light
    if row is None:
        row = TargetLight(id=light_id(target.id), version=0, target_id=target.id)
        row.plan_id, row.code = target.plan_id, target.code
        row.since = row.computed_at = now
        session.add(row)
    row.area, row.light, row.reason = target.area, judgement.light, judgement.reason
    row.judged_on, row.value, row.scheduled = judgement.judged_on, standing.value, standing.scheduled
    if before == row.light:
        return 0
    row.since = now
    event = LightChanged(
        happened_at=now, target_id=target.id, plan_id=row.plan_id, light=row.light, before=before,
        reason=row.reason, judged_on=row.judged_on, value=row.value, scheduled=row.scheduled,
    )  # fmt: skip
    await record(session, row, event, actor=TARGETS, now=now, change=Change("light", before, row.light))
    return 1


async def _follow(
    session: AsyncSession, found: Ledger, standing: Standing, episode: Episode | None, now: datetime
) -> None:
    """Open, close or renew the target's episode as its light asks."""
    judgement = standing.judgement
    present = None if episode is None else Present(State(episode.state), episode.judged_on)
    step = next_step(judgement.light, judgement.judged_on, present)
    if episode is not None and step in (Next.CLOSE, Next.RENEW):
        episode.closed_at = now
        change = Change("left-red" if step is Next.CLOSE else "renewed", episode.state, episode.state)
        await _tell(session, episode, EpisodeLeftRed, change, By(TARGETS, now))
    if step in (Next.OPEN, Next.RENEW):
        addressed = await _addressee(session, found, standing, now)
        if addressed is not None:
            await _propose(session, found, standing, addressed, now)


async def _addressee(
    session: AsyncSession, found: Ledger, standing: Standing, now: datetime
) -> tuple[UUID, str] | None:
    """The unit that is to answer, and its area: of the shares the one furthest behind, else who is named.

    For a unit that was merged its successor answers. None where nobody can be asked: what has no unit is not
    chased.
    """
    target = standing.target
    shares = found.shares.get(target.id, ())
    behind = {each.area: _rank(each) for each in progress.by_area(found, target.id, standing.as_of)}
    wanted = [
        (share.unit_id, share.area)
        for share in sorted(shares, key=lambda each: (behind.get(each.area, Fraction(1)), each.area))
    ]
    named = sorted(responsible_of(target.responsible), key=lambda each: _RANK.get(each.role, 2))
    wanted += [(each.unit_id, target.area) for each in named if each.unit_id is not None]
    able = await directory.acting(session, [unit for unit, _ in wanted], local_date(now))
    return next(((able[unit], area) for unit, area in wanted if unit in able), None)


def _rank(standing: Standing) -> Fraction:
    """How much of its share an area has reached, 0 for nothing."""
    exact = standing.total.exact
    return Fraction(0) if exact is None or not standing.goal else exact / Fraction(standing.goal)


async def _propose(
    session: AsyncSession, found: Ledger, standing: Standing, addressed: tuple[UUID, str], now: datetime
) -> None:
    """Hand the red light over to the supervision office (拟办)."""
    target, (unit_id, area) = standing.target, addressed
    key = new_id()
    order = Order(contents=_contents(found, standing, area), area=area, unit_id=unit_id, once=f"red:{key}")
    subject = Subject(type="target", id=target.id, number=target.code)
    handover = await handovers.request(session, HANDOVER_KIND, subject, order, actor=TARGETS, now=now)
    episode = Episode(
        id=key, version=0, target_id=target.id, unit_id=unit_id, area=area, state=LIFE.initial,
        judged_on=standing.judgement.judged_on, opened_at=now, handover_id=handover.id,
    )  # fmt: skip
    session.add(episode)
    change = Change("propose", None, episode.state)
    await _tell(session, episode, EpisodeOpened, change, By(TARGETS, now))


def _contents(found: Ledger, standing: Standing, area: str) -> Contents:
    """What the office must know to decide."""
    target, judgement = standing.target, standing.judgement
    unit = MEASURES[target.unit].zh if target.unit else ""
    reached = "无数据" if standing.value is None else written_number(standing.value, unit)
    asked = "" if standing.scheduled is None else f"，序时进度应达 {written_number(standing.scheduled, unit)}"
    day = judgement.judged_on or standing.as_of
    plan = found.plans[target.plan_id]
    return Contents(
        title=f"“{target.title_zh}”进度亮红灯",
        description=f"截至{written_date(day)}，{plan.title_zh}“{target.title_zh}”完成 {reached}{asked}。",
        place=Place(area=area),
        details={
            "target": target.code,
            "plan": plan.code,
            "light": judgement.light.value,
            "reason": judgement.reason.value,
            "judged_on": day.isoformat(),
            "value": _text(standing.value),
            "scheduled": _text(standing.scheduled),
            "goal": _text(standing.in_unit(standing.goal)),
            "unit": target.unit,
            "deadline": target.deadline.isoformat() if target.deadline else None,
        },
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


async def answered(session: AsyncSession, handover_id: UUID, outcome: Outcome, now: datetime) -> None:
    """The office has issued it, or says why not (督查室答复)."""
    episode = await repository.of_handover(session, handover_id)
    if episode is None or episode.answered_at is not None:
        return
    issued = outcome.result == "issued"
    before = State(episode.state)
    if before is State.PROPOSED:
        episode.state = LIFE.after(before, Action.ISSUE if issued else Action.REFUSE)
    episode.answered_at = now
    if not issued or before is not State.NOT_ISSUED:
        episode.answer_note = outcome.summary or None
    change = Change("answer", before, episode.state, episode.answer_note)
    await _tell(session, episode, EpisodeAnswered, change, By(TARGETS, now), {"issued": issued})


async def issued(session: AsyncSession, handover_id: UUID, task_id: UUID, due_at: datetime) -> None:
    """Which task it became; the answer itself comes with the handover."""
    episode = await repository.of_handover(session, handover_id)
    if episode is not None:
        episode.task_id, episode.due_at = task_id, due_at
        await session.flush()


async def refused(session: AsyncSession, handover_id: UUID, reason: str | None, now: datetime) -> None:
    """It was issued, its task ended undone, and the office does not issue it again (不予督办).

    A refusal from the first is the answer to the handover, with the office's own words.
    """
    episode = await repository.of_handover(session, handover_id)
    if episode is None or (State(episode.state), Action.REFUSE) not in LIFE.table:
        return
    before = State(episode.state)
    if before is State.PROPOSED and episode.task_id is None:
        return
    episode.state, episode.answer_note = LIFE.after(before, Action.REFUSE), reason
    change = Change(Action.REFUSE, before, episode.state, reason)
    await _tell(session, episode, EpisodeAnswered, change, By(TARGETS, now), {"issued": False})


async def ended(
    session: AsyncSession, handover_id: UUID, *, verified: bool, on_time: bool | None, now: datetime
) -> None:
    """The supervision's task was verified and closed (办结), or it lapsed (撤销)."""
    episode = await repository.of_handover(session, handover_id)
    action = Action.VERIFY if verified else Action.LAPSE
    if episode is None or (State(episode.state), action) not in LIFE.table:
        return
    before = State(episode.state)
    episode.state = LIFE.after(before, action)
    change = Change(action, before, episode.state)
    if not verified:
        await _tell(session, episode, EpisodeLapsed, change, By(TARGETS, now))
        return
    episode.verified_at, episode.on_time = now, on_time
    await _tell(session, episode, EpisodeVerified, change, By(TARGETS, now), {"on_time": on_time})


async def _tell(
    session: AsyncSession,
    episode: Episode,
    event: type[EpisodeFact],
    change: Change,
    by: By,
    facts: Mapping[str, Any] | None = None,
) -> None:
    told = event(
        happened_at=by.now,
        target_id=episode.target_id,
        unit_id=episode.unit_id,
        area=episode.area,
        status=episode.state,
        handover_id=episode.handover_id,
        **(facts or {}),
    )
    await record(session, episode, told, actor=by.actor, now=by.now, change=change)


async def of_target(session: AsyncSession, target_id: UUID) -> Sequence[Episode]:
    """The red episodes of the target, the first one first."""
    return await repository.of_target(session, target_id)


async def list_lights(session: AsyncSession, narrow: LightFilter, paging: Paging) -> Slice[TargetLight]:
    """The present lights of what is judged, by the target's code."""
    last = BY_CODE.after(paging)
    rows = await repository.list_lights(session, narrow, paging.limit + 1, last[0] if last else None)
    return BY_CODE.slice(rows, paging, lambda row: (row.code,))
