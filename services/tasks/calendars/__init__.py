"""The working-day calendar 工作日历: what differs from the statutory days, year by year."""
