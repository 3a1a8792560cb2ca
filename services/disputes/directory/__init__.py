"""Directory 名录: read models of the units of `tasks` and of the areas of `grid`.

Fed by `jiayuan.tasks.unit.v1` and `jiayuan.grid.area.v1` (full state); emptied, they are rebuilt by
republishing those topics.
"""
