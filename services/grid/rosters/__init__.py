"""Rosters 值班表: who is on duty for an area when, in which role; round the clock, with its gaps told.

Who is on duty for an area is whoever has a turn there, else for the nearest area around it.
"""
