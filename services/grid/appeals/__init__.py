"""Appeals 超时申诉: who handled a case says why an overdue mark should not count, and another person decides.

What was excused stays seen in the case and its history; only the rates on time leave it out.
"""
