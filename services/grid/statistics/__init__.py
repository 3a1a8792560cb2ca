"""Statistics 统计: what an area, unit, category or channel did in a time, each figure with its formula.

They add up what `tallies` has counted. Days from midnight and days from noon are sums of half days; what
stood open or overdue at the end of a past day is what stands now, less what began since, and what has ended.
"""
