"""Statements 情况说明: what a property firm or an owners' committee says about a case of its estate.

The centre and whoever handles the case read it and may take it as a basis; it never moves the case.
"""
