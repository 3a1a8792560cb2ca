"""Watches 值守规则: who is on a rota and what is patrolled, as shapes of the rules. Nothing else."""
