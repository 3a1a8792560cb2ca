"""Replies 单位答复: what units answer to the handovers of cases, applied to the case."""
