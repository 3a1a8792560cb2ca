"""`disputes` 纠纷: property disputes through three tiers of mediation, to court and back."""
