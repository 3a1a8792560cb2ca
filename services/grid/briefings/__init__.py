"""Briefings 移交内容: what whoever is given a case is told of it, and who must not learn who reported it."""
