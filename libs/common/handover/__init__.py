"""Handover 移交: how work passes from one service to another, one protocol for all four services.

The sender (grid, for a case) owns `OutgoingHandover`, the receiver (tasks) `IncomingHandover`; both have the
same id, each counts its own published steps. Only the sender ends it: accepted, returned, withdrawn.
Every reply says how far its author had read (`replies_to`); of two crossing steps the sender's order counts.

**Kinds** (`kinds.KINDS`): `case-task`, `case-repair`, `case-dispute`, `supervision`, `field-check`.

**Sender, inside its own transaction** (each call locks the handover, decides, records one event)::

    from libs.common.handover import service as handovers
    from libs.common.handover.orders import Amendment, Contact, Joint, Order, Outcome, Progress, Subject
    from libs.common.contracts.handover import Contents, MediaRef, Person, Place

    handover = await handovers.request(
        session,
        "case-task",
        Subject(type="case", id=case.id, number=case.number),
        Order(
            contents=Contents(
                title="楼道堆物", description="3 号楼 2 层堆放纸箱", category="A01",
                place=Place(area=case.area, address=case.address, lon=121.47, lat=31.23, crs="CGCS2000"),
                reporter=Person(name="王某", phone="13800001234"),
                media=(MediaRef(hash="<sha256>", purpose="before"),),
                details={"standard": "4 工作小时", "source": "inspector"},
            ),
            area=case.area,                # for the dispatcher's lists
            unit_id=unit_id,               # at most one unit or body
            due_at=case.dispose_due_at,    # wanted by, aware UTC, or None
            joint=Joint(id=joint_id, lead=True),   # joint handling: one handover per unit; else None
            replaces=old_handover_id,      # re-dispatch, reopening: a new handover that names the old
            reporter_withheld=False,       # True when the receiver is the accused: the reporter is left out
        ),
        actor=actor,
        now=now,
    )                                       # -> OutgoingHandover, state "requested"
    await handovers.urge(session, handover.id, note="居民再次来电", actor=actor, now=now)
    await handovers.supplement(session, handover.id, note="…", media=(), actor=actor, now=now)
    await handovers.designate(session, handover.id, note="指定处置", actor=actor, now=now)  # after a return
    await handovers.take_back(session, handover.id, note="另派", actor=actor, now=now)  # -> "returned"
    await handovers.change(session, handover.id, Amendment(due_at=due, note="…"), actor=actor, now=now)
    await handovers.grant_extension(session, handover.id, due_at=new_due, note="…", actor=actor, now=now)
    await handovers.refuse_extension(session, handover.id, note="…", actor=actor, now=now)
    await handovers.suspend(session, handover.id, note="挂账原因", actor=actor, now=now)
    await handovers.resume(session, handover.id, due_at=recomputed, note="", actor=actor, now=now)
    await handovers.accept(session, handover.id, note="核查通过", actor=actor, now=now)      # with the close
    await handovers.demand_rework(session, handover.id, note="未清理干净", media=(), actor=actor, now=now)
    await handovers.withdraw(session, handover.id, note="案件作废", actor=actor, now=now)

**Receiver, inside its own transaction**::

    await handovers.sign(session, handover_id, actor=actor, now=now)
    await handovers.give_back(session, handover_id, reason="非本单位职责", assigned=False, actor=…, now=now)
    await handovers.first_contact(session, handover_id, Contact(at=now, person="王某"), actor=actor, now=now)
    await handovers.report_progress(session, handover_id, Progress(note="已约施工", interim=True), actor=…)
    await handovers.ask_extension(session, handover_id, until=wanted, reason="待料", actor=actor, now=now)
    await handovers.answer(
        session, handover_id,
        Outcome(result="solved", summary="已清理", media=(MediaRef(hash="<sha256>", purpose="after"),)),
        actor=actor, now=now,
    )

`assigned` says whether a person is assigned (or the dispute is classified): then a return is a `Conflict`.
A step that the kind, the state or a limit forbids raises a `Conflict` (`kinds`) and changes nothing.

**Hearing the other side** (`consumers.py` of a room; merge the result into `SERVICE.handlers`)::

    from libs.common.handover.consumers import ReceiverHooks, SenderHooks, handlers

    async def on_returned(session, handover, event, now): ...   # OutgoingHandover, the step's event, UTC

    HANDLERS = handlers(
        "grid",
        sends={"case-task": SenderHooks(
            on_signed=…, on_return_asked=on_returned, on_first_contact=…, on_progress=…,
            on_extension_asked=…, on_answered=…, on_recorded=…,
        )},
        receives={"field-check": ReceiverHooks(
            on_requested=…, on_supplemented=…, on_urged=…, on_designated=…, on_changed=…,
            on_extension_granted=…, on_extension_refused=…, on_suspended=…, on_resumed=…,
            on_accepted=…, on_rework_demanded=…, on_taken_back=…, on_withdrawn=…, on_recorded=…,
        )},
    )

Every hook is optional and runs in the transaction of the message, after the handover's own row has been
changed; it runs only when the step was *applied*. `on_recorded` runs when it was only recorded (after the
end, or crossed by a step of the sender); `on_restated` when the row was made anew from what the other side
knows (`restating.restaters("grid")` go into `SERVICE.restaters`). Handlers act once, however often a message
is delivered. A kind that the sender does not verify (`case-dispute`, `supervision`) is accepted by the
handler itself, after `on_answered`.

**Lists and joint handling** (`repository.py`): `list_timed_out_outgoing`, `list_timed_out_incoming`,
`list_steps`, `open_in_joint(session, joint_id)` (those neither answered nor ended: when it is empty, the case
goes to checking). **Jobs** (`jobs.py`): `JOBS` marks waits that ran out; a time-out ends nothing.
`copy_handover_media(database, copy, now)` copies photos of the other side outside of transactions; `copy` is
`libs.common.media.sweep.adopt` bound to store, database, service and time.
**Contracts**: `CHANNELS[owner, reader]`, `heard_by(service)` of `libs.common.contracts.handover`.

Fields that a service reads from a row: `id, kind, state, subject_id, subject_number, unit_id, area, due_at,
contents, designated, suspended_at, extension_until, extensions, urges, reworks, times, joint_id, lead,
replaces_id, signed_at, answered_at, answer, on_time, ended_at, waiting_for, waiting_since, timed_out_at`.
"""
