"""Mediations 调解: consents and refusals, sessions, more time, the agreement, the failure."""
