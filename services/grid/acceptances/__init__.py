"""Acceptances 受理: the acceptor takes a report in with a case number, rejects it, or merges it."""
