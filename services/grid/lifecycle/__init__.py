"""Life cycle 生命周期 of a case: its states, its steps, the one table, and what waits for whom. Pure."""
