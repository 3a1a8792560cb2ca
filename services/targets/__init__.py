"""`targets` 目标: what a plan promised, and how far it is."""
