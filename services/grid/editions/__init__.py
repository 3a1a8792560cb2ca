"""Editions 目录版本: the whole catalogue as one workbook, out and in again, as one new version from a day on.

So a city replaces the categories and standards without code. What is missing in the workbook retires; running
cases keep the revision of the standard that they were filed under. Names and classes are corrected at once;
what changes its meaning gets a new code that names its predecessor.
"""
