"""Catalogue 目录: problem categories 类别 with their standards 立案处置结案标准, versioned.

Loaded from `services/grid/data/categories.yaml` and changed through the API. Publishes
`jiayuan.grid.category.v1` in full state.
"""
