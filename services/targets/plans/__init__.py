"""Plans 计划: draft -> in force -> concluded, with document number, period and sources."""
