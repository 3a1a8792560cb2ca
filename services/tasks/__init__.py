"""`tasks` 任务: who must do what by when.

Owns units 单位 with their members, the duty list 职责清单 (category x area -> lead and cooperating units),
the working-day calendar 工作日历, measures 举措 of the plans with what each brings to which target,
tasks 任务 and supervisions 督办.

A task goes assigned -> signed -> working -> (awaiting sign-off) -> done, then for a case's task closed by the
grid's check, for a direct one verified by another than the doer -> closed; it may be returned, designated,
reworked and withdrawn. Suspended and overdue are facts beside the state. A verified task tells what it brings
to targets: so much where a person said how much, else it only supports them. A supervision goes proposed ->
issued (a task) -> closed with the verified task, or it is not issued, with a reason.

Rooms, each built on those before it: `calendars`, `units`, `duties`, `measures`, `tasks` (the record
and its life cycle), `dossiers` (reading), `repairs` (arrival on site), `work` (the unit's steps),
`cooperation` (units beside the lead), `assignments` (the sender's, heard over handovers), `directs` (the
same over REST for tasks entered here),
`supervisions` (proposed over handovers, issued as direct tasks).

Publishes units, duties, the calendar and measures in full state, facts about tasks and supervisions, and its
side of the handovers `case-task`, `case-repair` and `supervision`; hears theirs, grid's categories and the
targets of `targets`.
"""
