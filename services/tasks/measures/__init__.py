"""Measures 举措: what the plans' documents lay upon units, and how much each brings to which target."""
