"""Dispatches 派遣: which unit or squad was given a case, when, and how that ended.

A case that needs a unit goes to `tasks` as a handover of kind `case-task`, which names the unit; a case that
needs none is handled by the grid's own squad; one that was converted is with mediation (`conversions`). The
handling clock starts with the first dispatch of a round.
"""
