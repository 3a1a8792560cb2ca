"""`grid` 网格: what is found, by inspectors, hotlines, sensors and the public.

Owns areas, unit grids and estates 区划、单元网格、小区, the catalogue of problem categories with their
standards 类别与立案、处置、结案标准, and cases 案件: report -> accept -> file -> dispatch -> handle ->
feedback -> check -> close, with rejection, merging, return, designation, rework, extension, suspension,
recall, voiding, forced closing and reopening; a property dispute goes to mediation instead 转调解, whose end
closes the case. The table is `lifecycle/domain.py`.

Rooms, each built on those before it: `places`, `catalogue`, `calendars` (the working-day calendar of
`tasks`), `rules` (channels, levels, limits of the grid's own steps), `routing` (units and duties of
`tasks`), `lifecycle`, `cases` (the record: find, lock, take a step, tell it), `dossiers` (reading),
`acceptances`, `filings`, `checks`, `reports` (intake), `dispatches` (the command hand, and the handover of
kind `case-task`), `deferrals`, `disposals` (the work on a case), `replies` (what units answer), `closings`,
`conversions` (the handover of kind `case-dispute`, and what mediation answers), `queues`, `orders` (what a
hotline wants beside the case, with two clocks), `handlings` (its officer's steps), `hotlines` (what a hotline
says and is told), `syncs` (a device: its queue, its delta). `requests` holds the bodies that come
alone or in such a queue.

Publishes areas, estates, categories and rules in full state and facts about cases and hotline orders; hears
the units, duties and calendar of `tasks`, and the answers to the handovers by which a unit or mediation
has a case.
"""
