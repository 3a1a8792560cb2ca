"""Intakes 集中入库: reports at a rate, written together by one statement; and a batch of them in one request.

What `reports` does with one report in a transaction of its own, this room does with all that have come at the
same moment: one statement reads what the decisions need, one writes. Whatever is out of the ordinary it
leaves to `reports`, so that refusals and repeats are the same on both ways.
"""
