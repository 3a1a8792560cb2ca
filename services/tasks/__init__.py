"""`tasks` 任务: who must do what by when.

Owns units 单位 with their members, the duty list 职责清单 (category x area -> lead and cooperating units),
the working-day calendar 工作日历 and tasks 任务. A task goes assigned -> signed -> working ->
(awaiting sign-off) -> done, then for a case's task closed by the grid's check, for a direct one verified by
another than the doer -> closed; it may be returned, designated, reworked and withdrawn. Suspended and
overdue are facts beside the state.

Rooms, each built on those before it: `calendars`, `units`, `duties`, `tasks` (the record and its life
cycle), `dossiers` (reading), `work` (the unit's steps), `cooperation` (units beside the lead),
`assignments` (the sender's, heard over handovers), `directs` (the same over REST for tasks entered here).

Publishes units, duties and the calendar in full state and facts about tasks, and its side of the handovers
`case-task` and `case-repair`; hears theirs, and grid's categories.
"""
