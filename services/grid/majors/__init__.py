"""Majors 重大事项: what cannot wait is reported up the line at once, and each node says that it has it.

A report is made of a case, an estate or an area: the first one 初报, follow-ups 续报 in order, the final
one 终报; none is ever changed. Each is told at once to the node of every level up the line, as a row that
says when it was sent, by when an officer of the node has to say that it has it, and who said so when. What
is overdue is marked and listed. Who was hurt is told to those who must act on it alone.
"""
