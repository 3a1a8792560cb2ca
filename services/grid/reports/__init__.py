"""Reports 上报: the intake of cases, keyed by the client's own id, and what the reporter may still do."""
