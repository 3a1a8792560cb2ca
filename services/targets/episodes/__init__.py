"""Episodes 红灯督办: the present light of each target, and what a red one sets going."""
