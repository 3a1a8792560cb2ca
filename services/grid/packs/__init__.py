"""Packs 区域离线包: what a device holds of an area without a network: its tree, estates and unit grids."""
