"""Removals 清运: waste and decoration debris are taken away from estates at agreed times or when ordered.

What is not taken away in time is marked, and after a while becomes a case; the share on time is told with its
formula.
"""
