"""Joint handling 会同处置: several units have a case at once, one of them leads.

One handover and one dispatch each, under one `joint_id`; each has its own limit and verdict. The case goes to
the check when the lead and everybody beside it have answered. A return beside the lead stops nobody: it waits
on the dispatcher's list until the unit is released or designated. What the lead does is the case's own life.
"""
