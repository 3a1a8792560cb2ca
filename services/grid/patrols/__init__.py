"""Patrols 巡查: plans that come round, the items that they make, who has been there, what was missed.

A job makes the items of each plan ahead; an inspector checks in, offline too; what nobody went to in its
period is marked by another job.
"""
