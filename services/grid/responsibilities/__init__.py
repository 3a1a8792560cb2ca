"""Responsibility grids 责任网格: groups of unit grids, each with inspectors of its own on the rota.

They have ids of their own and a dated table of the unit grids that they cover.
"""
