"""`exports` 导出: lists leave as CSV or Excel, small ones at once, long ones with progress, on record."""
