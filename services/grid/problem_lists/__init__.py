"""Problem lists 问题清单: what an inspection or a campaign has found, a workbook of it, becomes cases.

The list is taken as a whole or not at all. A row that came before, by its number, is not taken twice.
"""
