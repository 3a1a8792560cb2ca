"""Orders 热线工单: what a hotline wants beside the case: first contact, reply, call-back.

An order belongs to the case by which it is handled and has a life and two clocks of its own. Its officer's
steps stand here; what the hotline says of it stands in `hotlines`.
"""
