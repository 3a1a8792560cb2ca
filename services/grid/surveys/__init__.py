"""Surveys 单元网格入库: surveyed unit grids take the place of those of the same neighbourhoods from a day on.

A file is checked as a whole, and everything that is wrong with it is told at once.
"""
