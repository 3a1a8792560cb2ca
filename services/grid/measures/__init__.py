"""Measures 计数项: what the statistics count, and what stands at a moment."""
