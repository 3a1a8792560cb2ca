"""Targets 目标: what a plan promised, how it is measured, and how one target stands to another."""
