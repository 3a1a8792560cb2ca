"""Rules 规则: light thresholds, rhythm of reports, tolerance; each with its source and effective date."""
