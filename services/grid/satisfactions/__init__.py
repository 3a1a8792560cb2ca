"""Satisfactions 满意度评价: who reported a case, or one merged into it, says how satisfied they are.

Whoever is dissatisfied puts the case on the duty chief's list: it is reopened, or stays closed with a reason.
"""
