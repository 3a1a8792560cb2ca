"""Closings 结案: the end of a case, by a passed check or by authority, and its reopening."""
