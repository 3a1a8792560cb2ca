"""Reminders 临期提醒: a running case whose deadline is near is told of once, before it is overdue.

Told is the deadline, not the case: one that was put off is told of anew when the new one is near.
"""
