"""The working-day calendar 工作日历: a read model of the years that `tasks` owns.

Fed by `jiayuan.tasks.calendar.v1` (full state); emptied, it is rebuilt by republishing that topic.
"""
