"""`targets` 目标: what a plan promised, and how far it is.

Owns plans 计划, targets 目标 with the values they had, their shares by unit and area 分解, and reports 填报.
A plan goes draft -> in force -> concluded; one that states no end stays in force, and a target that ends
after its plan stays judged. A target stands to another by a typed relation: `part_of` and `supports` are
never added, `slice_of` and `contributes_to` are, `numerator_of` is the count behind a rate. Its value is
revised with a reason and a day; days before keep theirs. Figures are exact decimals, added in the base unit.

Rooms, each built on those before it: `directory` (units and areas, as `tasks` and `grid` publish them),
`rules` (thresholds of lights, rhythm of reports, tolerance), `plans`, `targets`, `allocations`, `figures` and
`lights` (what counts, and how it is judged), `reports`, `contributions` (verified tasks that count),
`progress` (the roll-up as of any day), `episodes` (a red light and the supervision that it proposes),
`overviews`.

Loads plans and targets of the public documents and a labelled demonstration of the current year. Publishes
plans, targets, allocations and rules in full state, reports, lights and red episodes as facts.
"""
