"""Filings 立案: a standard is picked, which gives the case its limit and its closing condition."""
