"""Closings 办结: a dispute ends with its result, the ways that stay open told."""
