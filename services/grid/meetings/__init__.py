"""Meetings 居民联席会议: what residents, their committees and the property firm decide in the self loop."""
