"""Disposals 处置: the work on a case: sign and start, progress, return, answer.

The own squad's steps come over REST, a unit's through the replies to its handover; both are the same here.
"""
