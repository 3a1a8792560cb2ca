"""Routing 派遣依据: read models of the units and of the duty list that `tasks` owns, and what they propose.

Fed by `jiayuan.tasks.unit.v1` and `jiayuan.tasks.duty.v1` (full state); emptied, they are rebuilt by
republishing those topics.
"""
