"""`grid` 网格: what is found, by inspectors, hotlines, sensors and the public.

Owns areas, unit grids and estates 区划、单元网格、小区, the catalogue of problem categories with their
standards 类别与立案、处置、结案标准, and cases 案件: report -> accept -> file -> dispatch -> handle ->
feedback -> check -> close, with rejection, merging, return, designation, rework, extension, suspension,
recall, voiding, forced closing and reopening; a property dispute goes to mediation instead 转调解, whose end
closes the case. The table is `lifecycle/domain.py`.

Each level 层级 handles what it can: a case begins at the lowest that may close it and goes up on timeout, for
lack of power or by request; in the self loop 自循环 the residents' joint meeting decides.

Rooms, by what they are for; which may stand on which is written in `.importlinter`:

- places 空间: `places` (areas, unit grids, locating), `estates`, `buildings`, `addresses` (what a text
  means), `surveys` (unit grids from a file), `responsibilities` (who has which grids), `packs` (an area
  for a device)
- what holds 规则: `rules`, `terms`, `calendars` (of `tasks`), `catalogue`, `editions` (the whole of it as
  a workbook), `questions`, `levels` (the clock of a level), `nodes` (who stands for a level where),
  `measures`
- people 人员: `rosters` (who is on duty when), `watches` (their shapes), `shifts` (who is there, who
  takes over), `patrols`, `routing` (units and duties of `tasks`)
- the case 案件: `lifecycle` (the table), `cases` (the record: find, lock, take a step, tell it),
  `dossiers` (reading)
- intake 上报受理: `reports`, `intakes` (many together), `problem_lists` (a workbook of them), `syncs` (a
  device's queue and delta), `acceptances`, `filings`, `queues`; `orders`, `handlings`, `hotlines` (what a
  hotline wants, does and is told)
- command 派遣: `dispatches` (handover `case-task`), `batches`, `joints`, `holdings` (what reaches all who
  have it), `briefings` (what they are told), `repairs` (handover `case-repair`), `studies`,
  `escalations`, `meetings`, `conversions` (handover `case-dispute`), `majors` (what goes up the line at
  once)
- work and end 处置结案: `disposals`, `replies` (what units answer), `deferrals`, `checks`, `closings`,
  `appeals`, `satisfactions`
- estates' own people 小区自身: `statements`, `objections`, `submissions`, `dissuasions`, `studios`,
  `removals`
- what is told 告知与统计: `notices`, `templates`, `deliveries`, `links`, `disclosures` (the public's
  view), `prints`, `exports`, `tallies`, `statistics`

`requests` holds the bodies that come alone or in a device's queue.

Publishes areas, estates, nodes, categories and rules in full state and facts about cases, major matters,
hotline orders, shifts, patrols and what estates' own people say; hears the units, duties and calendar of
`tasks`, and the answers to the handovers by which a unit or mediation has a case.
"""
