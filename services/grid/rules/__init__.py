"""Rules 规则: channels, stages, levels and loops, windows and limits of the grid's work, as dated data.

Loaded from `services/grid/data/rules.yaml` and changed through the API; former values stand in the history.
"""
