"""`grid` 网格: what is found, by inspectors, hotlines, sensors and the public.

Owns areas, unit grids and estates 区划、单元网格、小区, the catalogue of problem categories with their
standards 类别与立案、处置、结案标准, and cases 案件: report -> accept -> file -> dispatch -> handle ->
feedback -> check -> close, with rejection, merging, return, designation, rework, extension, suspension,
recall, voiding, forced closing and reopening; a property dispute goes to mediation instead 转调解, whose end
closes the case. The table is `lifecycle/domain.py`.

Each level 层级 handles what it can: a case begins at the lowest that may close it and goes up on timeout, for
lack of power or by request; in the self loop 自循环 the residents' joint meeting decides.

Rooms, each built on those before it: `places`, `catalogue`, `calendars` (the working-day calendar of
`tasks`), `watches` (shapes of the rules of rota and patrol), `rules` (channels, levels, limits of the
grid's own steps), `nodes` (who stands for a level where), `rosters` (who is on duty when), `routing` (units
and duties of `tasks`), `lifecycle`, `levels` (the clock of a level), `cases` (the record: find, lock, take
a step, tell it), `dossiers` (reading), `appeals` (against overdue marks), `acceptances`, `satisfactions`
(what reporters say of a case that has ended), `filings`, `checks`, `reports` (intake), `dispatches` (the
command hand, and the handover of kind `case-task`), `escalations`, `meetings`, `deferrals`, `disposals`
(the work on a case), `replies` (what units answer), `closings`, `conversions` (the handover of kind
`case-dispute`, and what mediation answers), `queues`, `orders` (what a hotline wants beside the case, with
two clocks), `handlings` (its officer's steps), `hotlines` (what a hotline says and is told), `shifts` (who
is there, and who takes over), `patrols` (what is gone to again and again), `statements` and `objections`
(what firms and owners' committees say to a case), `dissuasions` (what a firm could not stop), `submissions`
(what they report), `studios` (fixed person, place and time), `removals` (waste and debris in time), `syncs`
(a device: its queue, its delta). `requests` holds the bodies that come alone or in such a queue. `tallies`
and `statistics` count in the words of `measures`.

Publishes areas, estates, nodes, categories and rules in full state and facts about cases, hotline
orders, shifts, patrols, and what estates' own people say and do; hears the units, duties and calendar of
`tasks`, and the answers to the handovers by which a unit or mediation has a case.
"""
