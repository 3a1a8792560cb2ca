"""Estates 小区: who manages them since when, their walls and buildings, kept by the office.

The estates themselves belong to `places`, which locates by them; here they are registered and changed.
"""
