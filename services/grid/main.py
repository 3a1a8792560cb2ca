"""The service `grid` 网格, on one screen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.handover.consumers import handlers
from libs.common.handover.restating import restaters
from libs.common.http.access import access_router
from libs.common.media.api import media_router
from libs.common.media.links import Record
from libs.common.policy import Principal
from libs.common.service import Service
from libs.common.toolbox import JOBS as TOOLBOX_JOBS
from services.grid.acceptances import api as acceptances
from services.grid.addresses import api as addresses
from services.grid.appeals import api as appeals
from services.grid.base import Base
from services.grid.batches import api as batches
from services.grid.buildings import api as buildings_api
from services.grid.buildings import loading as buildings_loading
from services.grid.buildings import service as buildings
from services.grid.calendars import consumers as calendars
from services.grid.cases import jobs as cases_jobs
from services.grid.cases import service as cases
from services.grid.catalogue import api as catalogue_api
from services.grid.catalogue import service as catalogue
from services.grid.checks import api as checks
from services.grid.closings import api as closings
from services.grid.conversions import api as conversions_api
from services.grid.conversions import consumers as conversions
from services.grid.deferrals import api as deferrals_api
from services.grid.deferrals import jobs as deferrals_jobs
from services.grid.deliveries import jobs as deliveries_jobs
from services.grid.disclosures import api as disclosures
from services.grid.dispatches import api as dispatches_api
from services.grid.dispatches import jobs as dispatches_jobs
from services.grid.disposals import api as disposals
from services.grid.dissuasions import api as dissuasions_api
from services.grid.dissuasions import service as dissuasions
from services.grid.dossiers import api as dossiers
from services.grid.editions import api as editions
from services.grid.escalations import api as escalations_api
from services.grid.escalations import jobs as escalations_jobs
from services.grid.estates import api as estates
from services.grid.exports import api as exports_api
from services.grid.exports import jobs as exports_jobs
from services.grid.filings import api as filings
from services.grid.handlings import api as handlings_api
from services.grid.handlings import consumers as handlings
from services.grid.hotlines import api as hotlines
from services.grid.intakes import api as intakes
from services.grid.joints import api as joints
from services.grid.links import api as links_api
from services.grid.links import jobs as links_jobs
from services.grid.majors import api as majors_api
from services.grid.majors import jobs as majors_jobs
from services.grid.majors import service as majors
from services.grid.meetings import api as meetings
from services.grid.nodes import api as nodes_api
from services.grid.nodes import service as nodes
from services.grid.notices import api as notices_api
from services.grid.notices import jobs as notices_jobs
from services.grid.objections import api as objections_api
from services.grid.objections import service as objections
from services.grid.orders import api as orders_api
from services.grid.orders import jobs as orders_jobs
from services.grid.orders import service as orders
from services.grid.packs import api as packs
from services.grid.patrols import api as patrols_api
from services.grid.patrols import jobs as patrols_jobs
from services.grid.patrols import service as patrols
from services.grid.places import api as places_api
from services.grid.places import loading as places_loading
from services.grid.places import service as places
from services.grid.prints import api as prints
from services.grid.problem_lists import api as problem_lists
from services.grid.queues import api as queues
from services.grid.reminders import jobs as reminders_jobs
from services.grid.removals import api as removals_api
from services.grid.removals import jobs as removals_jobs
from services.grid.removals import service as removals
from services.grid.repairs import api as repairs
from services.grid.replies import consumers as replies
from services.grid.reports import api as reports
from services.grid.responsibilities import api as responsibilities_api
from services.grid.responsibilities import service as responsibilities
from services.grid.rosters import api as rosters_api
from services.grid.rosters import service as rosters
from services.grid.routing import consumers as routing
from services.grid.rules import api as rules_api
from services.grid.rules import service as rules
from services.grid.satisfactions import api as satisfactions
from services.grid.shifts import api as shifts_api
from services.grid.shifts import service as shifts
from services.grid.statements import api as statements_api
from services.grid.statements import service as statements
from services.grid.statistics import api as statistics
from services.grid.studies import api as studies
from services.grid.studios import api as studios_api
from services.grid.studios import service as studios
from services.grid.submissions import api as submissions_api
from services.grid.submissions import service as submissions
from services.grid.surveys import api as surveys_api
from services.grid.surveys import service as surveys
from services.grid.syncs import api as syncs
from services.grid.tallies import jobs as tallies_jobs
from services.grid.tallies import service as tallies
from services.grid.templates import api as templates_api
from services.grid.templates import service as templates


async def may_read(session: AsyncSession, viewer: Principal, record: Record, now: datetime) -> bool:
    """Photos are seen through their case, what was said to it, or their patrol or removal."""
    if record.type == patrols.RECORD:
        return await patrols.may_read(session, record.id, viewer)
    reads = READERS.get(record.type)
    return reads is not None and await reads(session, record.id, viewer, now)


READERS = {
    "case": cases.may_read,
    statements.RECORD: statements.may_read,
    objections.RECORD: objections.may_read,
    removals.RECORD: removals.may_read,
}
UPLOADS = (
    "grid.case.report", "grid.case.handle", "grid.case.check", "grid.case.supplement",
    "grid.patrol.check_in", "grid.appeal.ask", statements.MAKE, objections.ASK, dissuasions.REPORT,
    removals.DONE, submissions.MAKE, "grid.visit.log",
)  # fmt: skip
MEDIA = media_router("grid", may_read, read=["grid.case.read"], write=UPLOADS)
SENDS = {**handlings.with_orders(replies.HOOKS), **conversions.HOOKS}
HANDOVERS = handlers("grid", sends=SENDS, receives={})

SERVICE = Service(
    name="grid",
    title_zh="网格",
    title_en="grid",
    metadata=Base.metadata,
    routers=(
        # Looked through in this order: what is asked most comes first, `near` before what takes any id.
        intakes.router,
        reports.router,
        dossiers.router,
        queues.router,
        syncs.router,
        notices_api.router,
        templates_api.router,
        links_api.router,
        links_api.commands,
        prints.router,
        exports_api.router,
        exports_api.files,
        disclosures.router,
        removals_api.router,
        studios_api.public,
        studios_api.router,
        problem_lists.router,
        submissions_api.router,
        dissuasions_api.router,
        objections_api.router,
        statements_api.router,
        patrols_api.router,
        shifts_api.router,
        rosters_api.router,
        statistics.router,
        acceptances.router,
        filings.router,
        dispatches_api.router,
        batches.router,
        joints.router,
        disposals.router,
        checks.router,
        deferrals_api.router,
        escalations_api.router,
        meetings.router,
        studies.router,
        closings.router,
        appeals.router,
        satisfactions.router,
        conversions_api.router,
        repairs.router,
        majors_api.router,
        hotlines.router,
        handlings_api.router,
        orders_api.router,
        catalogue_api.router,
        editions.router,
        rules_api.router,
        addresses.router,
        places_api.router,
        packs.router,
        estates.router,
        buildings_api.router,
        responsibilities_api.router,
        surveys_api.router,
        nodes_api.router,
        MEDIA,
        access_router("grid"),
    ),
    handlers={**calendars.HANDLERS, **routing.HANDLERS, **HANDOVERS},
    jobs=(
        *cases_jobs.JOBS,
        *dispatches_jobs.JOBS,
        *deferrals_jobs.JOBS,
        *escalations_jobs.JOBS,
        *reminders_jobs.JOBS,
        *orders_jobs.JOBS,
        *majors_jobs.JOBS,
        *patrols_jobs.JOBS,
        *removals_jobs.JOBS,
        *tallies_jobs.JOBS,
        *notices_jobs.JOBS,
        *links_jobs.JOBS,
        *TOOLBOX_JOBS,
    ),
    errands=(*deliveries_jobs.ERRANDS, *exports_jobs.ERRANDS),
    loaders={
        "places": places_loading.load_places,
        "estates": buildings_loading.load_estates,
        "categories": catalogue.load_categories,
        "rules": rules.load_rules,
        "nodes": nodes.load_nodes,
        "templates": templates.load_templates,
    },
    restaters={
        "area": places.restate_areas,
        "estate": places.restate_estates,
        "building": buildings.restate_buildings,
        "category": catalogue.restate_categories,
        "rule": rules.restate_rules,
        "node": nodes.restate_nodes,
        "unit-grid-edition": surveys.restate_editions,
        "responsibility-grid": responsibilities.restate_grids,
        "roster": rosters.restate_rosters,
        "shift": shifts.restate_shifts,
        "patrol-plan": patrols.restate_plans,
        "patrol": patrols.restate_items,
        "notice-template": templates.restate_templates,
        "statement": statements.restate_statements,
        "objection": objections.restate_objections,
        "dissuasion": dissuasions.restate_dissuasions,
        "studio": studios.restate_studios,
        "visit": studios.restate_visits,
        "collection-point": removals.restate_points,
        "removal": removals.restate_removals,
        "case": cases.restate_cases,
        "order": orders.restate_orders,
        "major": majors.restate_majors,
        **restaters("grid"),
    },
    recounts={"statistics": tallies.count_anew},
)
