"""Nodes 层级节点: who stands for a level where: information points, workstations, subdistricts, districts.

A node is no area: it has an id of its own and a dated table of the area codes that it covers. The ones made
from the area tree are demonstration data (演示) until the office puts its own in their place.
"""
