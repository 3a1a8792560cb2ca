"""Syncs 离线同步: what an inspector's device has queued while offline, and what has changed for it since.

A queue is taken item by item, each as if it had come alone: in order within one case, one transaction per
case, answers stored with their effects. Reports go through the intake that takes many by one statement.
"""
