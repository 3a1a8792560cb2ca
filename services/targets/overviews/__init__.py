"""Overviews 总览: a plan's lights as of a day, a target area by area, who has not reported."""
