"""Levels 层级: how long a level has a case before the next one is called. The clock, not the call.

The call itself (升级) is a step of its own, in `escalations`.
"""
