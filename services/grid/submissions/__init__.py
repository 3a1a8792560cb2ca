"""Submissions 小区上报: what a firm or an owners' committee reports of its estate, repairs among it.

Each is a case of a channel that the rules give to the role; it is followed like any other case of the estate.
"""
