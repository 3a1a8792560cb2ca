"""Handlings 工单承办: what the centre does with a hotline order, from first contact to reply.

Who made the first contact may be a unit, through the handover of the case; never the complained-of unit,
which learns nothing of the caller.
"""
