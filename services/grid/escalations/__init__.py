"""Escalations 升级: a case goes up one level, on timeout, for lack of power or by request.

It is handled at the lowest capable level; each call of the next one is kept with its reason. Who has the case
keeps it: a handover stays with its unit, and the dispatcher sees the case on the queue as `escalated`.
"""
