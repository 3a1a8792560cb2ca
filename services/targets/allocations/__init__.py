"""Allocations 分解: how much of a target each unit owes in each area, and what is held in reserve."""
