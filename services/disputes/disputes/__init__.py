"""Disputes 纠纷: the record with its parties, sessions and agreement, its states, its numbers, its events."""
