"""Deferrals: extension 延期 and suspension 挂账 of a case, asked for and approved twice.

An extension is asked for before the deadline and adds one original limit; a suspension stops the clock for at
most a year. First approval by the dispatcher, second by the duty chief, who is another person.
"""
