"""Hotlines 热线对接: what 12345 and 962121 say of their orders, and what they are told of them.

A hotline calls by its own number: the order itself, the caller's supplements and urging, its answers to what
was asked, the call-back, a re-handling. What it must be told it reads as a feed of the log and acknowledges.
"""
