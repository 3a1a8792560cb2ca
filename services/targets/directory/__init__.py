"""Directory 名录: read models of the units of `tasks` and the areas of `grid`."""
