"""Tallies 计数: every event of cases and hotline orders is counted once, behind the log.

A count belongs to the half day in which it happened and to what the record carried then. A record's standing
says what has been counted of it: nothing counts twice in a round, and what stands open moves with the record.
"""
