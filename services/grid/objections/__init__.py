"""Objections 异议: a firm or an owners' committee disputes a case; the duty chief decides.

Disputed are its facts, or whose it is. The case and its figures stay as they are: what was upheld is told
beside them, as a fact of its own.
"""
