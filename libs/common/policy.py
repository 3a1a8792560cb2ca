"""Who may do what, where 权限策略: the one module that decides.

A permission is named `<service>.<noun>.<action>`; `GRANTS` says which roles hold it (PEOPLE of the
platform). Area scope is decided here too. What a role may do to one particular record (its own report,
its own unit's case) is a guard of the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Forbidden, NotFound


class Role(StrEnum):
    """The roles of the platform (角色)."""

    INSPECTOR = "inspector"  # 网格员
    HOTLINE_OFFICER = "hotline_officer"  # 热线坐席/承办人
    ACCEPTOR = "acceptor"  # 受理员
    DUTY_CHIEF = "duty_chief"  # 值班长
    DISPATCHER = "dispatcher"  # 派遣员
    UNIT_CLERK = "unit_clerk"  # 承办人
    UNIT_LEADER = "unit_leader"  # 单位负责人
    MEDIATOR = "mediator"  # 调解员
    CENTRE_COORDINATOR = "centre_coordinator"  # 联合中心协调员
    DISTRICT_MEDIATION = "district_mediation"  # 区调解委员会
    TARGET_OFFICER = "target_officer"  # 目标管理员
    SUPERVISION_OFFICE = "supervision_office"  # 督查室
    LEADER = "leader"  # 分管领导
    FIRM_MANAGER = "firm_manager"  # 项目经理
    COMMITTEE_MEMBER = "committee_member"  # 业委会委员
    SYSTEM = "system"  # 系统对接
    ADMINISTRATOR = "administrator"  # 管理员


@dataclass(frozen=True)
class Actor:
    """Who acts, as history keeps it: a subject of the identity provider and the role acted in."""

    subject: str
    role: str
    unit_id: UUID | None = None


def system_actor(service: str) -> Actor:
    """The actor of a service's own sweeps and handlers."""
    return Actor(subject=f"system:{service}", role=Role.SYSTEM)


@dataclass(frozen=True)
class Principal:
    """The verified caller: `areas` are code prefixes; `estates` from `since` until `until` bind firms and
    committees."""

    subject: str
    name: str
    roles: frozenset[Role]
    areas: tuple[str, ...] = ()
    unit_id: UUID | None = None
    body_id: UUID | None = None
    estates: tuple[UUID, ...] = ()
    scopes: frozenset[str] = frozenset()
    token_id: str | None = None
    until: datetime | None = None
    since: datetime | None = None

    def actor(self, permission: str) -> Actor:
        """The actor in the role that holds the permission. Raises `Forbidden`."""
        require(self, permission)
        held = sorted(self.roles & GRANTS.get(permission, frozenset()))
        return Actor(self.subject, held[0] if held else Role.SYSTEM, self.unit_id)

    def holds(self, *roles: Role) -> bool:
        """Whether the caller has any of the roles."""
        return bool(self.roles & set(roles))


class NotPermitted(Forbidden):
    """The role does not hold the permission (角色无此权限)."""

    code = "not-permitted"
    zh = "您的角色没有“{permission}”权限"
    en = "Your role does not hold the permission '{permission}'"


_GRID_STAFF = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER})
_REPORTERS = frozenset({Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.ACCEPTOR, Role.SYSTEM})
_GRID_READERS = _GRID_STAFF | {Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.LEADER, Role.SYSTEM}
_MAJOR_REPORTERS = _GRID_STAFF | {Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.LEADER, Role.FIRM_MANAGER}
_UNIT = frozenset({Role.UNIT_CLERK, Role.UNIT_LEADER})
_MEDIATION = frozenset({Role.MEDIATOR, Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION})
_EVERYONE = frozenset(Role)

BY_ESTATE = frozenset({Role.FIRM_MANAGER, Role.COMMITTEE_MEMBER})
"""The roles whose scope is estates, wherever they lie."""

BY_UNIT = _UNIT
"""The roles whose scope is their unit: its area gives them nothing. All others' is areas."""

GRANTS: Mapping[str, frozenset[Role]] = {
    # grid: two hands, monitoring (acceptor, duty chief) and command (dispatcher).
    "grid.case.report": _REPORTERS,
    "grid.problem_list.take": frozenset({Role.ACCEPTOR}),
    "grid.case.read": _GRID_READERS | BY_ESTATE,
    "grid.case.follow": _GRID_READERS,  # how the centre works on it: dispatches, checks, deferrals
    "grid.case.correct": frozenset({Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.ACCEPTOR, Role.SYSTEM}),
    "grid.case.withdraw": frozenset({Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.ACCEPTOR, Role.SYSTEM}),
    "grid.case.supplement": frozenset({Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.DISPATCHER, Role.SYSTEM}),
    "grid.case.sync": frozenset({Role.INSPECTOR}),  # a device's queue and its delta; each item has its own
    "grid.case.self_handle": frozenset({Role.INSPECTOR}),
    "grid.case.request_verification": frozenset({Role.ACCEPTOR}),
    "grid.case.verify": frozenset({Role.INSPECTOR}),
    "grid.case.accept": frozenset({Role.ACCEPTOR}),
    "grid.case.reject": frozenset({Role.ACCEPTOR}),
    "grid.case.merge": frozenset({Role.ACCEPTOR}),
    "grid.case.file": frozenset({Role.DUTY_CHIEF}),
    "grid.case.refuse_filing": frozenset({Role.DUTY_CHIEF}),
    "grid.case.dispatch": frozenset({Role.DISPATCHER}),
    "grid.case.designate": frozenset({Role.DISPATCHER}),
    "grid.case.study": frozenset({Role.DISPATCHER}),
    "grid.case.send_back": frozenset({Role.DISPATCHER}),
    "grid.case.convert": frozenset({Role.DISPATCHER}),
    "grid.case.interim_reply": frozenset({Role.DISPATCHER, Role.HOTLINE_OFFICER}),
    "grid.case.recall": frozenset({Role.DISPATCHER}),
    "grid.case.change_standard": frozenset({Role.DISPATCHER}),
    "grid.case.urge": frozenset({Role.DISPATCHER, Role.HOTLINE_OFFICER}),
    "grid.case.escalate": frozenset({Role.INSPECTOR, Role.DISPATCHER}),
    "grid.case.hold_meeting": frozenset({Role.INSPECTOR, Role.DISPATCHER}),
    "grid.case.handle": frozenset({Role.INSPECTOR}),
    "grid.check.assign": frozenset({Role.DISPATCHER}),
    "grid.check.read": _GRID_STAFF | {Role.INSPECTOR},
    "grid.case.check": frozenset({Role.INSPECTOR}),
    "grid.deferral.ask": frozenset({Role.INSPECTOR, Role.DISPATCHER}),
    "grid.deferral.approve": frozenset({Role.DISPATCHER}),
    "grid.deferral.grant": frozenset({Role.DUTY_CHIEF}),
    "grid.deferral.refuse": frozenset({Role.DISPATCHER, Role.DUTY_CHIEF}),
    "grid.case.resume": frozenset({Role.DISPATCHER}),
    "grid.case.close": frozenset({Role.DUTY_CHIEF}),
    "grid.case.recheck": frozenset({Role.DUTY_CHIEF}),
    "grid.case.force_close": frozenset({Role.DUTY_CHIEF}),
    "grid.case.void": frozenset({Role.DUTY_CHIEF}),
    "grid.case.reopen": frozenset({Role.DUTY_CHIEF}),
    # afterwards: an overdue mark is appealed against by who did it, a round is rated by who reported it.
    "grid.appeal.ask": frozenset({Role.INSPECTOR, Role.DISPATCHER}),
    "grid.appeal.decide": frozenset({Role.DUTY_CHIEF, Role.SUPERVISION_OFFICE}),
    "grid.case.rate": _REPORTERS,
    "grid.case.rate_by_receipt": frozenset({Role.HOTLINE_OFFICER, Role.SYSTEM}),
    "grid.case.keep_closed": frozenset({Role.DUTY_CHIEF}),
    "grid.case.claim": _GRID_STAFF,
    "grid.case.reveal": frozenset({Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.ACCEPTOR}),
    # hotline orders: the hotline's system and the officer enter and tell; the officer handles and replies.
    "grid.order.read": _GRID_STAFF | {Role.HOTLINE_OFFICER, Role.LEADER},
    "grid.order.enter": frozenset({Role.HOTLINE_OFFICER, Role.SYSTEM}),
    "grid.order.handle": frozenset({Role.HOTLINE_OFFICER}),
    "grid.order.reveal": frozenset({Role.HOTLINE_OFFICER, Role.ACCEPTOR}),
    # rota, shifts, patrols: who must be found at night, who goes where.
    "grid.roster.read": _GRID_READERS | {Role.ADMINISTRATOR},
    "grid.roster.write": frozenset({Role.DUTY_CHIEF, Role.ADMINISTRATOR}),
    "grid.roster.contact": _GRID_STAFF | {Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.LEADER},
    "grid.shift.work": _GRID_STAFF | {Role.INSPECTOR},
    "grid.shift.read": _GRID_STAFF | {Role.LEADER},
    "grid.shift.relieve": frozenset({Role.DISPATCHER, Role.DUTY_CHIEF}),
    "grid.patrol.read": _GRID_STAFF | {Role.INSPECTOR, Role.LEADER},
    "grid.patrol.plan": frozenset({Role.DISPATCHER, Role.DUTY_CHIEF}),
    "grid.patrol.check_in": frozenset({Role.INSPECTOR}),
    # major matters: whoever works there or runs the estate reports; an officer of each node receives; who was
    # hurt is for those who must act.
    "grid.major.report": _MAJOR_REPORTERS,
    "grid.major.read": _MAJOR_REPORTERS,
    "grid.major.conclude": frozenset({Role.DUTY_CHIEF, Role.LEADER}),
    "grid.major.receive": _GRID_STAFF | {Role.LEADER},
    "grid.major.casualties": frozenset({Role.DUTY_CHIEF, Role.LEADER}),
    # estates' own people: they say and dispute, the centre takes and decides; studios and removals.
    "grid.statement.make": BY_ESTATE,
    "grid.statement.take": frozenset({Role.DISPATCHER, Role.INSPECTOR}),
    "grid.objection.ask": BY_ESTATE,
    "grid.objection.decide": frozenset({Role.DUTY_CHIEF}),
    "grid.submission.make": BY_ESTATE,
    "grid.dissuasion.report": frozenset({Role.FIRM_MANAGER}),
    "grid.dissuasion.read": _GRID_STAFF | BY_ESTATE | {Role.INSPECTOR, Role.LEADER},
    "grid.studio.write": frozenset({Role.DUTY_CHIEF, Role.ADMINISTRATOR}),
    "grid.visit.log": frozenset({Role.INSPECTOR, Role.UNIT_CLERK}),
    "grid.visit.read": _GRID_STAFF | {Role.INSPECTOR, Role.UNIT_CLERK, Role.LEADER},
    "grid.removal.plan": frozenset({Role.DISPATCHER, Role.DUTY_CHIEF}),
    "grid.removal.order": BY_ESTATE | {Role.INSPECTOR, Role.SYSTEM},
    "grid.removal.record": frozenset({Role.FIRM_MANAGER, Role.INSPECTOR, Role.SYSTEM}),
    "grid.removal.read": _GRID_STAFF | BY_ESTATE | {Role.INSPECTOR, Role.LEADER, Role.SYSTEM},
    "grid.statistics.read": _GRID_STAFF
    | {Role.HOTLINE_OFFICER, Role.SUPERVISION_OFFICE, Role.LEADER, Role.SYSTEM},
    # notices: everybody on the grid has their own; the office words them and looks after what failed.
    "grid.notice.mine": _GRID_STAFF | {Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.LEADER},
    "grid.notice.read": _GRID_STAFF | {Role.ADMINISTRATOR},
    "grid.notice.send_again": frozenset({Role.DUTY_CHIEF, Role.DISPATCHER, Role.ADMINISTRATOR}),
    "grid.template.read": _GRID_STAFF | {Role.ADMINISTRATOR},
    "grid.template.write": frozenset({Role.DUTY_CHIEF, Role.ADMINISTRATOR}),
    "grid.export.make": _GRID_STAFF | {Role.LEADER},  # whoever reads cases and statistics of their areas
    "grid.public.read": _EVERYONE,  # and whoever has not signed in: see `OPEN`
    "grid.public.rate": _EVERYONE,  # by the link in a message
    "grid.reference.read": _EVERYONE,
    "grid.reference.write": frozenset({Role.ADMINISTRATOR}),
    # tasks: the clerk works, the leader (or a named deputy) signs off, an assigner enters direct tasks.
    "tasks.task.read": _UNIT | _GRID_STAFF | {Role.LEADER, Role.SUPERVISION_OFFICE, Role.SYSTEM},
    "tasks.task.work": frozenset({Role.UNIT_CLERK}),
    "tasks.task.sign_off": _UNIT,
    "tasks.task.assign": frozenset({Role.SUPERVISION_OFFICE}),
    "tasks.task.verify": frozenset({Role.SUPERVISION_OFFICE, Role.LEADER}),
    "tasks.task.reveal": _UNIT,
    "tasks.measure.link": frozenset({Role.TARGET_OFFICER, Role.SUPERVISION_OFFICE}),
    "tasks.supervision.read": frozenset({Role.SUPERVISION_OFFICE, Role.LEADER, Role.TARGET_OFFICER}),
    "tasks.supervision.decide": frozenset({Role.SUPERVISION_OFFICE}),
    "tasks.unit.staff": frozenset({Role.ADMINISTRATOR, Role.UNIT_LEADER}),
    "tasks.reference.read": _EVERYONE,
    "tasks.reference.write": frozenset({Role.ADMINISTRATOR}),
    # targets: the officer writes plans, targets and allocations of the own area; plans are read by all.
    "targets.plan.read": _EVERYONE,
    "targets.plan.write": frozenset({Role.TARGET_OFFICER, Role.ADMINISTRATOR}),
    "targets.target.read": _EVERYONE,
    "targets.target.write": frozenset({Role.TARGET_OFFICER, Role.ADMINISTRATOR}),
    "targets.allocation.read": _UNIT
    | {Role.TARGET_OFFICER, Role.SUPERVISION_OFFICE, Role.LEADER, Role.SYSTEM, Role.ADMINISTRATOR},
    "targets.allocation.write": frozenset({Role.TARGET_OFFICER}),
    # ... the unit's clerk reports, the area's officer accepts, how things stand is read by all officials.
    "targets.report.read": _UNIT | {Role.TARGET_OFFICER, Role.SUPERVISION_OFFICE, Role.LEADER, Role.SYSTEM},
    "targets.report.submit": frozenset({Role.UNIT_CLERK}),
    "targets.report.accept": frozenset({Role.TARGET_OFFICER}),
    "targets.progress.read": _UNIT
    | {Role.TARGET_OFFICER, Role.SUPERVISION_OFFICE, Role.LEADER, Role.SYSTEM, Role.ADMINISTRATOR},
    "targets.reference.read": _EVERYONE,
    "targets.reference.write": frozenset({Role.ADMINISTRATOR}),
    # disputes: a mediator for the own body, a coordinator for the town, the committee for the district.
    "disputes.dispute.read": _MEDIATION | {Role.LEADER, Role.COMMITTEE_MEMBER, Role.SYSTEM},
    "disputes.dispute.register": _MEDIATION,
    "disputes.dispute.settle": frozenset({Role.MEDIATOR}),
    "disputes.dispute.classify": _MEDIATION,
    "disputes.dispute.reclassify": frozenset({Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION}),
    "disputes.dispute.assign": _MEDIATION,
    "disputes.dispute.escalate": frozenset({Role.MEDIATOR, Role.CENTRE_COORDINATOR}),
    "disputes.dispute.route_down": frozenset({Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION}),
    "disputes.dispute.mediate": _MEDIATION,
    "disputes.dispute.supplement": _MEDIATION,
    "disputes.dispute.urge": frozenset({Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION}),
    "disputes.dispute.close": _MEDIATION,
    "disputes.dispute.withdraw": _MEDIATION,
    "disputes.dispute.return": _MEDIATION,
    "disputes.dispute.reveal": _MEDIATION,
    "disputes.reference.read": _EVERYONE,
    "disputes.reference.write": frozenset({Role.ADMINISTRATOR}),
    # every service: API keys and the deny list.
    "grid.access.manage": frozenset({Role.ADMINISTRATOR}),
    "tasks.access.manage": frozenset({Role.ADMINISTRATOR}),
    "disputes.access.manage": frozenset({Role.ADMINISTRATOR}),
    "targets.access.manage": frozenset({Role.ADMINISTRATOR}),
}
"""Which roles hold which permission. Read by the routes, by the docs and by the authorisation matrix."""

OPEN: frozenset[str] = frozenset({"grid.public.read", "grid.public.rate"})
"""What anybody may do without signing in (公众查询). Nothing else."""


def allows(principal: Principal, permission: str) -> bool:
    """Whether the caller's roles hold the permission; a system needs it among its key's scopes too."""
    granted = GRANTS.get(permission, frozenset())
    if Role.SYSTEM in principal.roles:
        return Role.SYSTEM in granted and permission in principal.scopes
    return bool(principal.roles & granted)


def require(principal: Principal, permission: str) -> None:
    """Raise `NotPermitted` unless the caller holds the permission."""
    if not allows(principal, permission):
        raise NotPermitted(permission=permission)


def sees_area(principal: Principal, code: str) -> bool:
    """Whether the area lies inside the caller's scope."""
    return any(code.startswith(prefix) for prefix in principal.areas)


def require_area(principal: Principal, code: str) -> None:
    """Raise `NotFound` for what lies outside the caller's area: its existence is not told."""
    if not sees_area(principal, code):
        raise NotFound


def scoped_for(principal: Principal, permission: str) -> Principal:
    """The caller with the scope that counts for the permission.

    Areas count through a role whose scope is areas, estates through a role whose scope is estates: a firm's
    manager sees no area whatever the token says.
    """
    held = principal.roles & GRANTS.get(permission, frozenset())
    return replace(
        principal,
        areas=principal.areas if held - BY_ESTATE else (),
        estates=principal.estates if held & BY_ESTATE else (),
    )


def bound_estates(principal: Principal, now: datetime) -> tuple[UUID, ...]:
    """The estates of a firm or an owners' committee, while their term lasts; none before or after (UTC).

    A committee is elected for a term: its member without an end is bound to nothing.
    """
    if principal.since is not None and now < principal.since:
        return ()
    if principal.until is None:
        return () if principal.holds(Role.COMMITTEE_MEMBER) else principal.estates
    return principal.estates if now < principal.until else ()


def sees(principal: Principal, area: str, *, estate: UUID | None = None, now: datetime | None = None) -> bool:
    """Whether a record lies inside the caller's scope: by its area, or by its estate at the moment `now`."""
    if sees_area(principal, area):
        return True
    return estate is not None and now is not None and estate in bound_estates(principal, now)
