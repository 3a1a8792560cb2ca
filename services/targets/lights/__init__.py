"""Lights 红绿灯: what the schedule asks on a day, and how what was reached stands to it."""
