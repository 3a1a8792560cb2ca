"""Turns on the rota: how long, beside whom, who is on duty where, what nobody covers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from libs.common.areas import check_code
from libs.common.clocks import start_of_local_day
from libs.common.errors import Conflict, Invalid, NotFound
from services.grid.watches.domain import Watch

LONGEST = timedelta(hours=168)
"""A turn lasts a week at most: who is on duty at an instant is then found among a week's turns."""


class TurnUnknown(NotFound):
    """No turn has this id (值班安排不存在)."""

    code = "turn-unknown"
    zh = "没有该值班安排"
    en = "There is no such turn on the rota"


class TurnSpanInvalid(Invalid):
    """A turn ends after it begins and lasts a week at most (值班起止时间无效)."""

    code = "turn-span-invalid"
    zh = "值班须先起后止，且不超过 {hours} 小时"
    en = "A turn ends after it begins and lasts at most {hours} hours"


class RoleNotRostered(Invalid):
    """The rules know no rota for this role (该角色不排班)."""

    code = "role-not-rostered"
    zh = "角色 {role} 不在排班规则之列"
    en = "There is no rota for the role '{role}'"


class TurnTaken(Conflict):
    """Somebody else has the role there at that time, and it takes one person (同岗时段重复)."""

    code = "turn-taken"
    zh = "{area} 的 {role} 在该时段已由 {person} 值班"
    en = "{person} is on duty as '{role}' for {area} at that time already"


class GridElsewhere(Invalid):
    """A turn for a responsibility grid is for the area in which that lies (责任网格不在该区划)."""

    code = "responsibility-grid-elsewhere"
    zh = "责任网格“{grid}”所在区划为 {area}"
    en = "The responsibility grid '{grid}' lies in {area}: give that area"


class TurnEnded(Conflict):
    """A turn that is over or cancelled is not changed any more (值班已结束或已取消)."""

    code = "turn-ended"
    zh = "该值班已结束或已取消，不能再变更"
    en = "The turn is over or cancelled and is not changed any more"


@dataclass(frozen=True)
class TurnFields:
    """What a turn is (值班安排). `person`: subject at the identity provider; times are UTC.

    `responsibility_grid_id`: the part of the area that is theirs (责任网格); None: all of it.

    `substitute`: who has the person's work when they are off; `telephone` personal data, masked when shown.
    """

    person: str
    name: str
    telephone: str | None
    role: str
    area: str
    starts_at: datetime
    ends_at: datetime
    substitute: str | None
    source: str
    responsibility_grid_id: UUID | None = None


class Span(Protocol):
    """A time on duty."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class Posted(Span, Protocol):
    """A time on duty, somewhere, in a role."""

    @property
    def person(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def responsibility_grid_id(self) -> UUID | None: ...


P = TypeVar("P", bound=Posted)


def check_turn(fields: TurnFields, watches: Mapping[str, Watch], at: str = "") -> None:
    """Raises `AreaCodeInvalid`, `RoleNotRostered`, `TurnSpanInvalid`, which point behind `at`."""
    check_code(fields.area)
    if fields.role not in watches:
        raise RoleNotRostered(role=fields.role, pointer=f"{at}/role")
    if not timedelta(0) < fields.ends_at - fields.starts_at <= LONGEST:
        raise TurnSpanInvalid(hours=LONGEST // timedelta(hours=1), pointer=f"{at}/ends_at")


def check_apart(new: Posted, held: Iterable[Posted], watch: Watch, at: str = "") -> None:
    """Raise `TurnTaken` if one of those held there in the role stands against the new one.

    The same person twice always does; another one where the role takes one person.
    """
    for other in held:
        same_post = _post(other) == _post(new)
        meets = new.starts_at < other.ends_at and other.starts_at < new.ends_at
        if same_post and meets and (other.person == new.person or not watch.several):
            told = {"area": other.area, "role": other.role, "person": other.person}
            raise TurnTaken(**told, pointer=f"{at}/starts_at")


def _post(turn: Posted) -> tuple[str, str, UUID | None]:
    return turn.role, turn.area, turn.responsibility_grid_id


def in_grid(turns: Iterable[P], grid_id: UUID | None) -> list[P]:
    """Of those on duty around a unit grid, those whose it is: where its responsibility grid has somebody in a
    role, nobody else in that role; never those of another responsibility grid. None: it belongs to none."""
    meant = [turn for turn in turns if turn.responsibility_grid_id in (None, grid_id)]
    manned = {turn.role for turn in meant if turn.responsibility_grid_id is not None}
    return [turn for turn in meant if turn.responsibility_grid_id is not None or turn.role not in manned]


def nearest(turns: Iterable[P], role: str) -> list[P]:
    """Of those on duty for an area and the areas around it in the role: those for the smallest of them."""
    posted = [turn for turn in turns if turn.role == role]
    longest = max((len(turn.area) for turn in posted), default=0)
    return [turn for turn in posted if len(turn.area) == longest]


def week_of(monday: date) -> tuple[datetime, datetime]:
    """Begin and end, UTC, of the seven days in Shanghai that begin with the day."""
    return start_of_local_day(monday), start_of_local_day(monday + timedelta(days=7))


def gaps(turns: Sequence[Span], begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """What of the time between nobody covers (值班空档), in order."""
    found, covered = [], begin
    for turn in sorted(turns, key=lambda one: one.starts_at):
        if turn.starts_at > covered:
            found.append((covered, min(turn.starts_at, end)))
        covered = max(covered, turn.ends_at)
        if covered >= end:
            return found
    return [*found, (covered, end)]
