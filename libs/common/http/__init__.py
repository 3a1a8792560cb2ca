'''The HTTP edge 接口层: what a service's `api.py` needs is here; the rest of the room is for the edge itself.

A complete router. The function is given an open session; it never commits, the edge does, and replies after.

    from uuid import UUID
    from libs.common.http import (
        CommandDep, IfMatch, Keyset, Page, PageDep, QueryDep, Read, Slice, Write, command_router, permit,
    )

    class CaseRead(Read):                      # made from the row's attributes
        id: UUID
        version: int                           # a shape with `version` gets an ETag

    class DispatchCase(Write):                 # unknown fields are an error
        unit_id: UUID

    router = command_router("/grid/v1", tags=["案件 cases"])

    @router.post("/cases/{case_id}/dispatch", response_model=CaseRead, summary="派遣 Dispatch",
                 **permit("grid.case.dispatch"))
    async def dispatch(case_id: UUID, body: DispatchCase, call: CommandDep, version: IfMatch) -> Case:
        """派遣案件给处置单位。Send the case to a unit."""          # becomes the description
        return await service.dispatch(call.session, case_id, order=body, expect=version,
                                      actor=call.actor, now=call.now)

    @router.put("/cases/{case_id}", response_model=Receipt, status_code=201, **permit("grid.case.report"))
    async def report(case_id: UUID, body: ReportCase, call: CommandDep, response: Response) -> Case:
        case, made = await service.report(call.session, case_id, body, fingerprint=call.fingerprint, ...)
        response.status_code = 201 if made else 200
        return case

    @router.get("/cases/{case_id}", response_model=CaseRead, **permit("grid.case.read"))
    async def get_case(case_id: UUID, call: QueryDep) -> Case:
        return await service.get(call.session, case_id, viewer=call.principal)

    BY_TIME = Keyset("cases-by-time", datetime, UUID)       # name of the list, types of its key columns

    @router.get("/cases", response_model=Page[CaseRead], **permit("grid.case.read"))
    async def list_cases(call: QueryDep, paging: PageDep) -> Slice[Case]:
        rows = await repository.list_cases(call.session, after=BY_TIME.after(paging), limit=paging.limit + 1)
        return BY_TIME.slice(rows, paging, key=lambda case: (case.reported_at, case.id))

What the edge does for each route:
- the caller (`call.principal`), the role that holds the permission (`call.actor`), now (`call.now`, UTC);
- `POST`: `Idempotency-Key` needed, repeats answered from `stored_answer`; `PUT`: the client's id is the key,
  `call.fingerprint` tells a repeat from another body;
- `IfMatch` is the version that the caller read: services call `check_version(row, expect)` of
  `libs.common.versions` after the lock, which raises `Stale` (412);
- every `DomainError` becomes a problem document by its category; nothing is stored or committed then.

`permit(...)` takes several names: any one of them lets the caller in. An unknown one fails the start.
'''

from libs.common.http.calls import Caller, CallerDep, Command, CommandDep, IfMatch, Query, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Paging, Slice
from libs.common.http.route import CommandRoute, GuardedRoute, command_router, permit
from libs.common.http.schemas import Read, Write
from libs.common.versions import Stale, check_version

__all__ = [
    "Caller",
    "CallerDep",
    "Command",
    "CommandDep",
    "CommandRoute",
    "GuardedRoute",
    "IfMatch",
    "Keyset",
    "Page",
    "PageDep",
    "Paging",
    "Query",
    "QueryDep",
    "Read",
    "Slice",
    "Stale",
    "Write",
    "check_version",
    "command_router",
    "permit",
]
