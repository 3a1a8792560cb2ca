"""Places 区域与单元网格: areas by code, unit grids, estates, and which unit grid a point lies in.

Names and codes of areas are real; shapes of unit grids and all estates are demonstration data (演示).
"""
