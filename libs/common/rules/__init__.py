"""Rules that a service works by 规则: typed values with their source and date, changed without code."""
