"""Nodes 层级节点: the organisations of the four levels, each with the areas that it covers in a time."""
