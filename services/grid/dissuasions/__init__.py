"""Dissuasions 劝阻无效报告: a property firm could not stop an unlawful act and reports it in time.

Each becomes a case of the act's category at once; whether it came in time is kept and counted.
"""
